package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"grapevine/protocols/rpc/idl"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: gen-rpc FILE.rpc ...")
		os.Exit(2)
	}
	for _, path := range os.Args[1:] {
		if err := generate(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func generate(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	file, err := idl.Parse(string(text))
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return err
	}
	code, err := idl.Generate(file, filepath.Base(dir), filepath.Base(path))
	if err != nil {
		return err
	}
	return os.WriteFile(strings.TrimSuffix(path, ".rpc")+"_rpc.go", code, 0o644)
}
