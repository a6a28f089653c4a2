package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

const room = "../../../protocols/grpc/pb"

// What is committed is what the texts give today.
func TestGenerated(t *testing.T) {
	files, err := generate(room)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(room, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its .proto gives (%v); run: go run . "+room, name, err)
		}
	}
	there, _ := filepath.Glob(room + "/*.go")
	for _, name := range there {
		base := filepath.Base(name)
		if _, ok := files[base]; !ok && base != "doc.go" {
			t.Errorf("%s comes from no .proto in files.go; delete it, or add its row", base)
		}
	}
}
