package config

import (
	"strings"
	"testing"
)

// TestDeepNesting keeps the largest files from taking all memory and ending the process.
func TestDeepNesting(t *testing.T) {
	for _, unit := range []string{"[", "{", "- ", "{a: ", "? ", "[{", "!a ", "&a ", "a: ", "- a: ", "*a ", "\"", "|\n "} {
		if _, err := load("f", []byte(strings.Repeat(unit, maxFile/len(unit))), nil, scripted); err == nil {
			t.Errorf("%q, nested deeply, gave no problem", unit)
		}
	}
	var indented strings.Builder
	for indent := ""; indented.Len()+len(indent) < maxFile-3; indent += " " {
		indented.WriteString(indent + "a:\n")
	}
	if _, err := load("f", []byte(indented.String()), nil, scripted); err == nil {
		t.Error("keys in keys in keys gave no problem")
	}
}

func TestNestingThatIsAllowed(t *testing.T) {
	yaml := "colleagues: [" + strings.Repeat("[], ", 2*maxDepth) + "]\n" // side by side, not nested
	root, problems := parse("f", []byte(yaml))
	if len(problems) > 0 || len(root.get("colleagues").value.items) != 2*maxDepth {
		t.Errorf("%v", problems)
	}
}
