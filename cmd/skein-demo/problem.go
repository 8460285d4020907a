package main

import (
	"encoding/json"
	"errors"
	"net/http"
)

// problem is an error that a person is told as a problem document (RFC 9457).
type problem struct {
	status       int
	code, detail string
}

func (p *problem) Error() string { return p.detail }

func refuse(status int, code, detail string) error { return &problem{status, code, detail} }

// fail writes err as a problem document. What is not a *problem stays in the log.
func (d *demo) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, ok := errors.AsType[*problem](err)
	if !ok {
		d.log.ErrorContext(r.Context(), "demonstration call failed", "call", r.Pattern, "error", err)
		p = &problem{http.StatusInternalServerError, "internal", "Something went wrong in the demonstration itself."}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // a caller that has gone needs no answer
		"type": "urn:skein:problem:" + p.code, "title": http.StatusText(p.status), "status": p.status,
		"detail": p.detail, "code": p.code,
	})
}
