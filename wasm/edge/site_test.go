//go:build !js

package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{
		"index.html":               "<p>home",
		"page-gossip.wasm":         "plain",
		"page-gossip.wasm.br":      "brotli",
		"page-gossip.wasm.gz":      "gzip",
		"boot.js":                  "js",
		"draw/stage.js":            "stage",
		"embed.unknown":            "no type",
		"folder/without-index.txt": "x",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := openSite(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestServe(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		path, accept         string
		status               int
		body, kind, encoding string
	}{
		{"/", "", 200, "<p>home", "text/html; charset=utf-8", ""},
		{"/index.html", "gzip, br", 200, "<p>home", "text/html; charset=utf-8", ""},
		{"/page-gossip.wasm", "", 200, "plain", "application/wasm", ""},
		{"/page-gossip.wasm", "gzip, deflate, br, zstd", 200, "brotli", "application/wasm", "br"},
		{"/page-gossip.wasm", "gzip, br;q=0", 200, "gzip", "application/wasm", "gzip"},
		{"/page-gossip.wasm", "br; q=0.5", 200, "brotli", "application/wasm", "br"},
		{"/boot.js", "br", 200, "js", "text/javascript; charset=utf-8", ""},
		{"/draw/stage.js", "", 200, "stage", "text/javascript; charset=utf-8", ""},
		{"/page-gossip.wasm.br", "", 404, "no file <code>/page-gossip.wasm.br<", "text/html; charset=utf-8", ""},
		{"/draw/", "", 404, "There is no such page", "text/html; charset=utf-8", ""},
		{"/folder", "", 404, "There is no such page", "text/html; charset=utf-8", ""},
		{"/embed.unknown", "", 404, "There is no such page", "text/html; charset=utf-8", ""},
		{"/%3Cscript%3E.js", "", 404, "&lt;script&gt;", "text/html; charset=utf-8", ""},
		{"/../../etc/passwd.txt", "", 404, "There is no such page", "text/html; charset=utf-8", ""},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) ||
			w.Header().Get("Content-Type") != c.kind || w.Header().Get("Content-Encoding") != c.encoding {
			t.Errorf("GET %s (accepting %q) gave %d %q, headers %v\nexpected %d %q, type %q, encoding %q",
				c.path, c.accept, w.Code, w.Body, w.Header(), c.status, c.body, c.kind, c.encoding)
		}
	}
}

func TestUnchangedFileIsNotSentAgain(t *testing.T) {
	s := newSite(t)
	first := httptest.NewRecorder()
	s.ServeHTTP(first, httptest.NewRequest("GET", "/boot.js", nil))
	again := httptest.NewRequest("GET", "/boot.js", nil)
	again.Header.Set("If-None-Match", first.Header().Get("ETag"))
	second := httptest.NewRecorder()
	s.ServeHTTP(second, again)
	if second.Code != 304 || second.Body.Len() != 0 {
		t.Errorf("second visit got %d with %d bytes, expected 304 and none", second.Code, second.Body.Len())
	}
}

func TestOnlyReading(t *testing.T) {
	w := httptest.NewRecorder()
	newSite(t).ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST gave %d, Allow %q; expected 405, GET, HEAD", w.Code, w.Header().Get("Allow"))
	}
}

func TestTakenPortNamesTheFlag(t *testing.T) {
	first, err := listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	port := portOf(first)
	if _, err := listen(port); err == nil || !strings.Contains(err.Error(), "-port N") {
		t.Errorf("listening twice on one port gave %v, expected an error that names -port", err)
	}
}

func TestMissingSiteSaysHowToBuildIt(t *testing.T) {
	if _, err := openSite(t.TempDir()); err == nil || !strings.Contains(err.Error(), "./build.sh site") {
		t.Errorf("an empty folder gave %v, expected an error that names ./build.sh site", err)
	}
}
