package website

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/skeindesk/skein/bridge"
)

const problemType = "application/problem+json" // RFC 9457

// refusal is an error that becomes a problem document (RFC 9457). Whatever else goes wrong is a 500 whose text stays
// in the log.
type refusal struct {
	status     int
	code       string
	detail     string
	retryAfter int // seconds; 429 and 503
}

func (r *refusal) Error() string { return r.detail }

func refuse(status int, code, detail string, args ...any) error {
	return &refusal{status: status, code: code, detail: fmt.Sprintf(detail, args...)}
}

// problem is the document. code is the last word of type, for programs.
type problem struct {
	Type       string `json:"type"`
	Title      string `json:"title"`
	Status     int    `json:"status"`
	Detail     string `json:"detail,omitempty"`
	Code       string `json:"code"`
	RetryAfter int    `json:"retry_after,omitempty"`
}

// asRefusal finds what the visitor may be told of err.
func asRefusal(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if p, ok := errors.AsType[*bridge.Problem](err); ok {
		return &refusal{status: http.StatusUnprocessableEntity, code: p.Code, detail: p.Public}
	}
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &refusal{
			status: http.StatusRequestEntityTooLarge, code: "too_large",
			detail: fmt.Sprintf("The request is larger than %d bytes. Nothing was stored.", big.Limit),
		}
	}
	return &refusal{
		status: http.StatusInternalServerError, code: "internal",
		detail: "Something went wrong on our side. Nothing is known to be lost; try again.",
	}
}

func (a *Adapter) fail(w http.ResponseWriter, r *http.Request, err error) {
	told := asRefusal(err)
	if told.status == http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		a.cfg.Logger.ErrorContext(r.Context(), "visitor call failed", "call", r.Pattern, "error", err)
	}
	if a.cfg.Meters.Refused != nil {
		a.cfg.Meters.Refused(told.code)
	}
	h := w.Header()
	h.Set("Content-Type", problemType)
	h.Set("Cache-Control", "no-store")
	if told.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if told.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(told.retryAfter))
	}
	w.WriteHeader(told.status)
	_ = json.NewEncoder(w).Encode(problem{
		Type:       "urn:skein:problem:" + told.code,
		Title:      http.StatusText(told.status),
		Status:     told.status,
		Detail:     told.detail,
		Code:       told.code,
		RetryAfter: told.retryAfter,
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone; there is nobody to tell
}
