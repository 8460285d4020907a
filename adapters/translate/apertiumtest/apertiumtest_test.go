package apertiumtest

import (
	"net/http"
	"strings"
	"testing"
)

func TestServerEndsWithStop(t *testing.T) {
	s := StartServer(t)
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		t.Errorf("it listens at %s, want the loopback interface only", s.URL)
	}
	answer, err := http.Get(s.URL + "/listPairs")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("listPairs answers %d", answer.StatusCode)
	}
	s.Stop()
	s.Stop()
	if answer, err := http.Get(s.URL + "/listPairs"); err == nil {
		answer.Body.Close()
		t.Error("it still answers after Stop")
	}
}
