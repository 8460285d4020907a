package workbench_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPagesAreGenerated fails while the Go code of a page is older than its .templ file.
func TestPagesAreGenerated(t *testing.T) {
	sources, err := filepath.Glob("*.templ")
	must(t, err)
	if len(sources) == 0 {
		t.Fatal("there are no pages")
	}
	for _, source := range sources {
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "go", "tool", "-modfile=../tools/go.mod", "templ", "generate", "-stdout", "-f", source)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		made, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", source, err, &stderr)
		}
		kept, err := os.ReadFile(strings.TrimSuffix(source, ".templ") + "_templ.go")
		must(t, err)
		if !bytes.Equal(plain(made), plain(kept)) {
			t.Errorf("%s has changed since its code was made: make generate", source)
		}
	}
}

// plain leaves out where errors would be reported, in which the ways of making it differ.
func plain(code []byte) []byte {
	return regexp.MustCompile("FileName: [`\"][^`\"]*[`\"]").ReplaceAll(code, nil)
}
