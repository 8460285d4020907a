package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// atlas is a file of places in which 203.0.113.0/24 is in Gdynia.
func atlas(t *testing.T) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-City", IncludeReservedNetworks: true})
	must(t, err)
	_, network, err := net.ParseCIDR("203.0.113.0/24")
	must(t, err)
	of := func(name string) mmdbtype.Map {
		return mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(name)}}
	}
	must(t, tree.Insert(network, mmdbtype.Map{"city": of("Gdynia"), "subdivisions": mmdbtype.Slice{of("Pomerania")}, "country": of("Poland")}))
	var b bytes.Buffer
	_, err = tree.WriteTo(&b)
	must(t, err)
	return b.Bytes()
}

// visits lets somebody whom a proxy says to be at the address write on the website.
func visits(t *testing.T, daemon, address, text string) {
	t.Helper()
	call := func(path, token, body string, into any) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+daemon+"/v1/website/website/"+path, strings.NewReader(body))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Forwarded-For", address)
		req.Header.Set("Idempotency-Key", "k")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		must(t, err)
		if res.StatusCode >= 300 {
			t.Fatalf("%s is answered %d: %s", path, res.StatusCode, answer)
		}
		must(t, json.Unmarshal(answer, into))
	}
	var session struct{ Token string }
	call("sessions", "", `{"page":{"url":"https://shop.example/boots","title":"Boots"}}`, &session)
	call("messages", session.Token, fmt.Sprintf(`{"text":%q}`, text), &struct{}{})
}

// TestPlaceOfAVisitor: the place of an address is on the card, the address is nowhere; without the file everything goes on.
func TestPlaceOfAVisitor(t *testing.T) {
	r := newRig(t, "sqlite")
	path := filepath.Join(r.dir, "places.mmdb")
	must(t, os.WriteFile(path, atlas(t), 0o600))
	r.settings["PLACES"] = path
	card := func(text string) (shown string) {
		t.Helper()
		must(t, r.slack.Await(r.ctx, func(s slacktest.State) bool {
			for _, m := range s.Channel(desk) {
				if strings.Contains(strings.Join(slackTexts(s.Thread(desk, m.TS)), "\n"), text) {
					shown = string(m.Blocks)
				}
			}
			return shown != ""
		}))
		return shown
	}

	p := r.start("127.0.0.1:0")
	visits(t, p.address, "203.0.113.77", "Do you ship to the coast?")
	if shown := card("Do you ship"); !strings.Contains(shown, "Gdynia, Pomerania, Poland") {
		t.Errorf("the card has no place:\n%s", shown)
	}
	p.terminate()
	file := strings.TrimPrefix(r.database, "sqlite:")
	for _, file := range []string{file, file + "-wal"} {
		kept, err := os.ReadFile(file)
		if err != nil && !(errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(file, "-wal")) {
			t.Error(err)
		}
		if bytes.Contains(kept, []byte("203.0.113.77")) {
			t.Errorf("%s has the address", file)
		}
	}

	must(t, os.WriteFile(path, []byte("no places"), 0o600))
	p = r.start("127.0.0.1:0")
	visits(t, p.address, "203.0.113.78", "And to the mountains?")
	if shown := card("And to the mountains?"); strings.Contains(shown, "Gdynia") {
		t.Errorf("the card has a place:\n%s", shown)
	}
	if log := p.stderr.String(); !strings.Contains(log, "the file of places cannot be used") || !strings.Contains(log, path) {
		t.Errorf("nothing is said in the log:\n%s", log)
	}
}

// TestCheckPlaces: what is no file of places is a problem of the configuration, with its key and where it is said.
func TestCheckPlaces(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.mmdb"), filepath.Join(dir, "bad.mmdb")
	must(t, os.WriteFile(good, atlas(t), 0o600))
	must(t, os.WriteFile(bad, []byte("no places"), 0o600))
	for path, want := range map[string]string{
		good: "", bad: "MaxMind's format, or not whole", dir: "it is no file", filepath.Join(dir, "missing"): "there is no such file",
	} {
		got := command(t, "places: "+path+"\n"+goodConfig, nil, "check")
		switch {
		case want == "" && got.code != 0:
			t.Errorf("%s: exit code %d: %s", path, got.code, got.stderr)
		case want != "" && (got.code != 1 || !strings.Contains(got.stderr, "places (skein.yaml, line 1): expected") || !strings.Contains(got.stderr, want)):
			t.Errorf("%s: exit code %d: %s", path, got.code, got.stderr)
		}
	}
}
