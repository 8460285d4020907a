package places

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// named is a record as GeoLite2 City has them; empty names are left out.
func named(city, region, country string) mmdbtype.Map {
	of := func(name string) mmdbtype.Map {
		return mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(name), "de": mmdbtype.String("auf Deutsch")}, "geoname_id": mmdbtype.Uint32(1)}
	}
	record := mmdbtype.Map{"location": mmdbtype.Map{"latitude": mmdbtype.Float64(54.5)}}
	if city != "" {
		record["city"] = of(city)
	}
	if region != "" {
		record["subdivisions"] = mmdbtype.Slice{of(region), of("Powiat")}
	}
	if country != "" {
		record["country"] = of(country)
	}
	return record
}

// file makes the content of a file of places.
func file(t *testing.T, kind string, records map[string]mmdbtype.DataType) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, IncludeReservedNetworks: true, DisableIPv4Aliasing: true})
	if err != nil {
		t.Fatal(err)
	}
	for network, record := range records {
		_, prefix, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(prefix, record); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func world(t *testing.T) []byte {
	t.Helper()
	return file(t, "GeoLite2-City", map[string]mmdbtype.DataType{
		"203.0.113.0/25":   named("Gdynia", "Pomerania", "Poland"),
		"203.0.113.128/25": named("Berlin", "Berlin", "Germany"),
		"198.51.100.0/24":  named("", "", "Portugal"),
		"192.0.2.0/24":     named("", "", ""),
		"2001:db8:1::/48":  named("Bergen", "Vestland", "Norway"),
	})
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPlaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "places.mmdb")
	write(t, path, world(t))
	if err := Check(path); err != nil {
		t.Fatal(err)
	}
	a := Open(path, slog.New(slog.DiscardHandler))
	for address, want := range map[string]string{
		"203.0.113.7":        "Gdynia, Pomerania, Poland",
		"203.0.113.200":      "Berlin, Germany",
		"198.51.100.1":       "Portugal",
		"192.0.2.1":          "",
		"8.8.8.8":            "",
		"2001:db8:1:2::":     "Bergen, Vestland, Norway",
		"2001:db8:2::1":      "",
		"::ffff:203.0.113.7": "Gdynia, Pomerania, Poland",
		"127.0.0.1":          "", "": "", "localhost": "", "203.0.113.7:80": "",
	} {
		if got := a.Of(address); got != want {
			t.Errorf("%s is in %q, want %q", address, got, want)
		}
	}
}

// TestWhatIsNoFileOfPlaces has every file refused by Check, and a daemon go on with it.
func TestWhatIsNoFileOfPlaces(t *testing.T) {
	whole := world(t)
	damaged := bytes.Clone(whole)
	for i := bytes.Index(whole, []byte("Gdynia")) - 40; i < len(whole)-300; i++ {
		damaged[i] = 0xff
	}
	dir := t.TempDir()
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"missing":   {nil, "no such file"},
		"empty":     {[]byte{}, "MaxMind's format"},
		"a zip":     {[]byte("PK\x03\x04"), "MaxMind's format"},
		"cut off":   {whole[:len(whole)-200], "MaxMind's format"},
		"damaged":   {damaged, "damaged"},
		"providers": {file(t, "GeoLite2-ASN", map[string]mmdbtype.DataType{"203.0.113.0/24": mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(7)}}), "it is GeoLite2-ASN"},
		"others":    {file(t, "ipinfo", map[string]mmdbtype.DataType{"203.0.113.0/24": mmdbtype.Map{"city": mmdbtype.String("Gdynia")}}), "another way"},
	} {
		path := filepath.Join(dir, name)
		if c.content != nil {
			write(t, path, c.content)
		}
		err := Check(path)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		var log bytes.Buffer
		if got := Open(path, slog.New(slog.NewTextHandler(&log, nil))).Of("203.0.113.7"); got != "" {
			t.Errorf("%s: 203.0.113.7 is in %s", name, got)
		}
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), path) {
			t.Errorf("%s: the log says %q", name, log.String())
		}
	}
	if err := Check(dir); err == nil || !strings.Contains(err.Error(), "no file") {
		t.Errorf("a directory: %v", err)
	}
}

// TestDamageIsSaidOnce reads a file that is damaged where Check does not look.
func TestDamageIsSaidOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "places.mmdb")
	whole := file(t, "GeoLite2-City", map[string]mmdbtype.DataType{
		"10.0.0.0/8": named("Gdynia", "Pomerania", "Poland"), "203.0.113.0/24": mmdbtype.Map{"city": mmdbtype.String("Gdynia")},
	})
	write(t, path, whole)
	var log bytes.Buffer
	a := Open(path, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		if got := a.Of("203.0.113.7"); got != "" {
			t.Errorf("203.0.113.7 is in %s", got)
		}
	}
	if n := strings.Count(log.String(), "damaged"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
	if got := a.Of("10.0.0.1"); got != "Gdynia, Pomerania, Poland" {
		t.Errorf("what is whole is %q", got)
	}
}

// TestAnotherFile puts other files in the place of one.
func TestAnotherFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "places.mmdb")
	first, second := world(t), file(t, "GeoLite2-City", map[string]mmdbtype.DataType{"203.0.113.0/24": named("Sopot", "Pomerania", "Poland")})
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		a := Open(path, slog.New(slog.NewTextHandler(&log, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- a.Run(ctx) }()
		step := func(what string, put func(), want string) {
			t.Helper()
			put()
			time.Sleep(5 * every)
			synctest.Wait()
			if got := a.Of("203.0.113.7"); got != want {
				t.Errorf("%s: %q, want %q\n%s", what, got, want, log.String())
			}
		}
		step("none yet", func() {}, "")
		step("the first", func() { write(t, path, first) }, "Gdynia, Pomerania, Poland")
		step("half of the second", func() { write(t, path, second[:len(second)/2]) }, "Gdynia, Pomerania, Poland")
		step("the second", func() { write(t, path, second) }, "Sopot, Pomerania, Poland")
		step("gone", func() {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, "Sopot, Pomerania, Poland")
		if n := strings.Count(log.String(), "level=WARN"); n != 3 { // not yet there, half, gone
			t.Errorf("%d warnings in\n%s", n, log.String())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
