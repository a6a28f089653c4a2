//go:build !js

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
)

// contentTypes are those of every kind of file that the site holds. They are
// written down because the machine's own table may lack or bend them, and a
// browser compiles wasm while it downloads only under the right one.
var contentTypes = map[string]string{
	".cbor":        "application/cbor",
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".md":          "text/markdown; charset=utf-8",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webp":        "image/webp",
	".webmanifest": "application/manifest+json",
}

// encodings are the compressed siblings, the smallest first.
var encodings = []struct{ name, suffix string }{
	{"br", ".br"},
	{"gzip", ".gz"},
}

// A site serves a folder of static files.
type site struct{ files fs.FS }

func openSite(dir string) (*site, error) {
	if _, err := os.Stat(dir + "/index.html"); err != nil {
		return nil, fmt.Errorf("no site in %q (%v); build one with ./build.sh site DIR", dir, err)
	}
	// A Root keeps symbolic links from leading out of the folder.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &site{root.FS()}, nil
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This site is only read: use GET.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "" || strings.HasSuffix(r.URL.Path, "/") {
		name = path.Join(name, "index.html")
	}
	kind, known := contentTypes[path.Ext(name)]
	if !known {
		s.notFound(w, r)
		return
	}
	body, encoding, err := s.read(name, r.Header.Get("Accept-Encoding"))
	if err != nil {
		s.notFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", kind)
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept-Encoding")
	header.Set("X-Content-Type-Options", "nosniff")
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	tag := etag(body)
	header.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		w.Write(body)
	}
}

// read returns the file's bytes in the best encoding that accept allows, and
// that encoding's name, "" for the plain file.
func (s *site) read(name, accept string) (body []byte, encoding string, err error) {
	plain, err := fs.ReadFile(s.files, name)
	if err != nil {
		return nil, "", err
	}
	for _, e := range encodings {
		if !accepts(accept, e.name) {
			continue
		}
		if body, err := fs.ReadFile(s.files, name+e.suffix); err == nil {
			return body, e.name, nil
		}
	}
	return plain, "", nil
}

// accepts says whether an Accept-Encoding header names the encoding and does
// not refuse it with q=0 (RFC 9110 section 12.5.3). Wildcards and preferences
// are left out: no browser sends them.
func accepts(header, encoding string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, weight, weighted := strings.Cut(strings.TrimSpace(item), ";")
		if strings.TrimSpace(name) != encoding {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		return !weighted || err != nil || q > 0
	}
	return false
}

func etag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

const notFoundPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Not here</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:4em auto;padding:0 1em;color-scheme:light dark}</style>
<h1>There is no such page</h1>
<p>This site has no file <code>%s</code>.</p>
<p lang="zh">本站没有这个页面。</p>
<p><a href="/">Go to the playground · 去看实验</a></p>
</html>
`

func (s *site) notFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusNotFound)
	if r.Method == http.MethodGet {
		fmt.Fprintf(w, notFoundPage, html.EscapeString(r.URL.Path))
	}
}
