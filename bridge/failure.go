package bridge

import (
	"errors"
	"time"
)

var (
	// ErrNotFound: there is no such thing.
	ErrNotFound = errors.New("not found")
	// ErrSeen: the log already holds an entry with this endpoint and key. Nothing was written.
	ErrSeen = errors.New("already in the log")
	// ErrConflict: somebody else did it first; look again.
	ErrConflict = errors.New("done by someone else meanwhile")
	// ErrTooLarge: over a limit of size.
	ErrTooLarge = errors.New("too large")
	// ErrLost: the lane was claimed by another worker since; stop working on it.
	ErrLost = errors.New("lease lost")
)

// Verdict says what to do about a part that was not accepted.
type Verdict string

const (
	Retry  Verdict = "retry"   // certainly not done; try again later
	Wait   Verdict = "wait"    // certainly not done; the platform says not before After
	GiveUp Verdict = "give up" // certainly not done, and never will be
	Reopen Verdict = "reopen"  // the thread is gone; open another and send there
	Unsure Verdict = "unsure"  // perhaps done: ask before sending again
)

// Failure is the error of a part that was not accepted. An error that is not a Failure counts as Unsure.
type Failure struct {
	Verdict Verdict
	After   time.Duration // Wait: not before
	Whole   bool          // Wait: the endpoint, not only this place
	Refused bool          // a person must act first: report the endpoint's condition
	Public  string        // a sentence an agent may be shown; no secrets, no message text
	Err     error         // for the log; no secrets, no message text
}

func (f *Failure) Error() string {
	if f.Err == nil {
		return string(f.Verdict) + ": " + f.Public
	}
	return string(f.Verdict) + ": " + f.Err.Error()
}

func (f *Failure) Unwrap() error { return f.Err }

// Condition is how an endpoint does where f keeps it from receiving.
func (f *Failure) Condition() Condition {
	if f.Refused {
		return Condition{State: Refused, Public: f.Public}
	}
	return Condition{State: Impaired, Public: f.Public + " Skein keeps trying."}
}

// AsFailure finds the Failure in err, or makes the Unsure one that stands for any other error.
func AsFailure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return &Failure{Verdict: Unsure, Public: "The platform did not answer.", Err: err}
}

// Problem is an error that a person caused and may be shown.
type Problem struct {
	Code   string // stable, for programs: "too_long"
	Public string // what happened, what was kept, what to do
}

func (p *Problem) Error() string { return p.Public }
