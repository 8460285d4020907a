package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

func TestQuickRepliesAreCarriedInAndOut(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	config := file("skein.yaml", goodConfig+"database: sqlite:"+filepath.Join(dir, "skein.db")+"\n")
	skein := func(args ...string) (code int, stdout, stderr string) {
		var out, wrong bytes.Buffer
		code = run(t.Context(), append([]string{"-config", config, "quick-replies"}, args...), nil, &out, &wrong)
		return code, out.String(), wrong.String()
	}
	first := file("first.csv", "shortcut,title,body,language\nrefund,Refund policy,Money back.,en\nrefund,,Geld zurück.,de\nbye,Goodbye,Bye,\n")
	if code, out, wrong := skein("import", first); code != 0 || out != "Quick replies added: 2, replaced: 0.\n" {
		t.Fatalf("import: %d %q %q", code, out, wrong)
	}
	second := file("second.json", `[{"shortcut":"Bye","body":"Bye, {visitor.name}"},{"shortcut":"hello","body":"Hello"}]`)
	if code, out, wrong := skein("import", second); code != 0 || out != "Quick replies added: 1, replaced: 1.\n" {
		t.Fatalf("import again: %d %q %q", code, out, wrong)
	}
	faulty := file("faulty.csv", "shortcut,body\nnew,Text\n,Text\n1x,Text\n")
	code, out, wrong := skein("import", faulty)
	if code != 1 || out != "" || !strings.Contains(wrong, faulty+": line 3: The shortcut is missing.\n") || !strings.Contains(wrong, ": line 4: ") {
		t.Errorf("a faulty file: %d %q %q", code, out, wrong)
	}
	mine := file("mine.csv", "shortcut,body,group\nmine,Text,personal\n")
	if code, _, wrong := skein("import", mine); code != 1 || !strings.Contains(wrong, "line 2: Nobody is named") {
		t.Errorf("personal ones of nobody: %d %q", code, wrong)
	}
	if code, _, wrong := skein("import", "-agent", "Ana", mine); code != 1 || !strings.Contains(wrong, "nobody in the team is called Ana") {
		t.Errorf("personal ones of a stranger: %d %q", code, wrong)
	}
	joins(t, filepath.Join(dir, "skein.db"), "Ana")
	if code, _, wrong := skein("import", "-agent", "ana", mine); code != 0 {
		t.Errorf("personal ones: %d %q", code, wrong)
	}
	for _, name := range []string{"all.csv", "all.json"} {
		path := filepath.Join(dir, name)
		if code, _, wrong := skein("export", path); code != 0 {
			t.Fatalf("export: %d %q", code, wrong)
		}
		text, err := os.ReadFile(path)
		must(t, err)
		for _, want := range []string{"Refund policy", "Geld zurück.", "Bye, {visitor.name}", "Hello"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s has no %q:\n%s", name, want, text)
			}
		}
		if strings.Contains(string(text), "mine") || strings.Contains(string(text), "new") {
			t.Errorf("%s has what is not the team's:\n%s", name, text)
		}
		if code, out, wrong := skein("import", path); code != 0 || out != "Quick replies added: 0, replaced: 3.\n" {
			t.Errorf("import what was exported: %d %q %q", code, out, wrong)
		}
	}
	if code, out, _ := skein("export", "-agent", "ANA"); code != 0 || !strings.Contains(out, `"mine"`) || strings.Contains(out, "refund") {
		t.Errorf("an agent's own: %d %s", code, out)
	}
	for _, args := range [][]string{{"import", filepath.Join(dir, "none.csv")}, {"import", config}, {"export", filepath.Join(dir, "x.txt")}} {
		if code, _, wrong := skein(args...); code != 1 || wrong == "" {
			t.Errorf("%q: %d %q", args, code, wrong)
		}
	}
}

// joins makes somebody a member of the team.
func joins(t *testing.T, database, name string) {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+database, store.Options{})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	must(t, s.Change(t.Context(), func(tx bridge.Tx) error {
		_, err := tx.JoinAgent("support-slack", bridge.Person{ID: "U1", Name: name})
		return err
	}))
}
