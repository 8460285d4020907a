// Package axe asks axe-core, in the browser, whether people who cannot see, point or read small print can use a
// page. It is for tests: axe-core is fetched from the npm registry once a machine and is no part of the product.
package axe

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

type finding struct {
	Rule   string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Where  []string `json:"where"` // a selector and the reason, for each element
}

// Check examines the document in the frame as it looks now, once nothing in it moves, and fails the test for every
// finding that axe-core calls serious or critical. Documents in iframes are not looked into: check each by itself.
func Check(t testing.TB, f *browsertest.Frame) {
	t.Helper()
	for _, found := range examine(t, f) {
		if found.Impact == "serious" || found.Impact == "critical" {
			t.Errorf("%s: %s (%s)\n\t%s", found.Impact, found.Help, found.Rule, strings.Join(found.Where, "\n\t"))
		}
	}
}

func examine(t testing.TB, f *browsertest.Frame) []finding {
	t.Helper()
	source, err := script()
	if err != nil {
		t.Fatalf("axe: %v", err)
	}
	f.Settle()
	var findings []finding
	// The source and the call go together, since the script's variables may be gone by the next call.
	f.Eval(fmt.Sprintf(`(async () => {
		%s
		const { violations } = await axe.run(document, { iframes: false, preload: false, resultTypes: ['violations'] });
		return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help,
			where: nodes.map((n) => n.target.join(' ') + ': ' + n.failureSummary.replace(/\s+/g, ' ')) }));
	})()`, source), &findings)
	return findings
}
