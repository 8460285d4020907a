package bridge

import "context"

// Examiner can prove that an endpoint will work as it is configured. It is an optional ability of an Adapter.
type Examiner interface {
	// Examine looks at everything that the endpoint needs of its platform: tokens, permissions, places. It changes
	// nothing that a person or a running daemon would notice, keeps to ctx, and returns a finding for each thing that it
	// looked at, always in the same order.
	Examine(ctx context.Context) []Finding
}

// Finding is what looking at one thing has shown.
type Finding struct {
	Grade  Grade
	Public string // what was looked at and, if anything must be done, what is wrong and what to do; no secrets
}

// Grade says what a finding asks of an operator, from a closed list.
type Grade string

const (
	Fine  Grade = "ok"   // as it should be
	Aside Grade = "note" // nothing must be done, but it is good to know; or it cannot be proven
	Amiss Grade = "fix"  // will not work until a person does what the finding says
)
