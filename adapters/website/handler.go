package website

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	maxBody  = 64 << 10         // bytes of a JSON request
	bodyTime = 15 * time.Second // for the whole of it
)

// call answers one request of a visitor who has shown a token.
type call func(w http.ResponseWriter, r *http.Request, v visitor) error

// calls are those of visitors, by method and path.
func (a *Adapter) calls() map[string]http.Handler {
	return map[string]http.Handler{
		"POST sessions":  a.open(a.postSession),
		"POST messages":  a.known(a.postMessage),
		"GET messages":   a.known(a.getMessages),
		"POST files":     a.known(a.postFile),
		"GET files/{id}": a.linked(a.getFile),
		"GET stream":     a.linked(a.getStream),
		"POST read":      a.known(a.postRead),
		"POST typing":    a.known(a.postTyping),
		"POST profile":   a.known(a.postProfile),
		"POST rating":    a.known(a.postRating),
		"POST links":     a.known(a.postLink),
	}
}

func (a *Adapter) routes() http.Handler {
	base := "/v1/website/" + string(a.cfg.Name) + "/"
	mux := http.NewServeMux()
	for call, h := range a.calls() {
		method, path, _ := strings.Cut(call, " ")
		mux.Handle(method+" "+base+path, h)
	}
	mux.Handle("OPTIONS "+base, a.open(func(w http.ResponseWriter, _ *http.Request) error {
		preflight(w)
		return nil
	}))
	mux.Handle(base, a.open(func(w http.ResponseWriter, r *http.Request) error {
		return refuse(http.StatusNotFound, "no_such_call", "There is no call %s %s here.", r.Method, r.URL.Path)
	}))
	return mux
}

// open is for calls that need no token.
func (a *Adapter) open(serve func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		err := a.admitOrigin(w, r)
		if err == nil {
			err = serve(w, r)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

// known is for calls that need a token in the Authorization header.
func (a *Adapter) known(serve call) http.Handler { return a.proven(serve, false) }

// linked is for calls that a browser may make where no header can be set: "?token=" does as well.
func (a *Adapter) linked(serve call) http.Handler { return a.proven(serve, true) }

func (a *Adapter) proven(serve call, queryToo bool) http.Handler {
	return a.open(func(w http.ResponseWriter, r *http.Request) error {
		v, err := a.bearer(r, queryToo)
		if err != nil {
			return errors.Join(a.limits.unknown.spend(w, r, a.address(r)), err)
		}
		if err := a.limits.request(w, r, v.Key, a.address(r)); err != nil {
			return err
		}
		return serve(w, r, v)
	})
}

// decode reads a JSON request into body. Keys it does not know are ignored.
func decode(w http.ResponseWriter, r *http.Request, body any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "content_type", "The body must be application/json.")
	}
	if r.ContentLength > maxBody { // said before it is sent: nothing needs to be read
		w.Header().Set("Connection", "close")
		return &http.MaxBytesError{Limit: maxBody}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // not on every connection
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	err := d.Decode(body)
	if err == nil {
		if _, more := d.Token(); errors.Is(more, io.EOF) {
			return nil
		} else if big, ok := errors.AsType[*http.MaxBytesError](more); ok {
			return big
		}
		return refuse(http.StatusBadRequest, "json", "There is something after the JSON value.")
	}
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return big
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrong.Field
		if field == "" {
			field = "the body"
		}
		return refuse(http.StatusBadRequest, "json", "%s must be %s.", field, jsonName(wrong))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errSlow
	}
	return refuse(http.StatusBadRequest, "json", "The body is not valid JSON.")
}

var errSlow = refuse(http.StatusRequestTimeout, "slow", "The request took too long to arrive. Nothing was stored; try again.")

func jsonName(wrong *json.UnmarshalTypeError) string {
	switch kind := wrong.Type.Kind().String(); kind {
	case "string":
		return "a string"
	case "int", "int64", "float64":
		return "a number"
	case "slice":
		return "an array"
	case "bool":
		return "true or false"
	default:
		return "an object"
	}
}

// number reads a whole number from the query, or from a header, that must not be negative.
func number(name, given string, otherwise int64) (int64, error) {
	if given == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(given, 10, 64)
	if err != nil || n < 0 {
		return 0, refuse(http.StatusBadRequest, "number", "%s must be a whole number, 0 or more.", name)
	}
	return n, nil
}
