package website

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/skeindesk/skein/bridge"
)

// Who is too slow is told so: neither that what they sent is wrong, nor that we failed.
func TestSlowBodies(t *testing.T) {
	late := iotest.ErrReader(os.ErrDeadlineExceeded)
	r := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(`{"text":"he`), late))
	r.Header.Set("Content-Type", "application/json")
	if err := decode(httptest.NewRecorder(), r, &messageRequest{}); !errors.Is(err, errSlow) {
		t.Errorf("JSON: %v", err)
	}

	for name, ending := range map[string]struct{ err, want error }{
		"slow":  {os.ErrDeadlineExceeded, errSlow},
		"whole": {io.EOF, bridge.ErrNotFound},
	} {
		body := &arriving{ReadCloser: io.NopCloser(iotest.ErrReader(ending.err))}
		_, _ = body.Read(make([]byte, 1))
		if err := body.blame(bridge.ErrNotFound); !errors.Is(err, ending.want) {
			t.Errorf("%s upload: %v", name, err)
		}
	}
	if err := (&arriving{}).blame(multipart.ErrMessageTooLarge); asRefusal(err).code != "form" {
		t.Errorf("nonsense: %v", err)
	}
}
