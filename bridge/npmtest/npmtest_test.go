package npmtest

import (
	"strings"
	"testing"
)

func TestForeignArchiveIsRefused(t *testing.T) {
	r := Release{Name: "@uppy/locales", Version: "5.2.0", Integrity: "sha512-AAAA"}
	if err := r.check([]byte("something else")); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("another archive: %v, want a word about its checksum", err)
	}
	if got := r.file(); got != "uppy-locales-5.2.0.tgz" {
		t.Errorf("npm pack writes uppy-locales-5.2.0.tgz, we look for %s", got)
	}
}
