package bridge

import (
	"context"
	"log/slog"
	"time"
)

// EraseBook is what erases. Of a conversation that is erased what was said, its files and who the visitor was are gone for
// good, from searches too; who said something when stays, for reports, and so do agents' notices of where the thread was.
type EraseBook interface {
	// EraseTurn reports whether it is this instance's turn to look for what is to be erased, and passes it on until every
	// has gone by.
	EraseTurn(ctx context.Context, every time.Duration) (taken bool, err error)
	// EraseIdle erases, each in one transaction, at most limit visitors of whose conversations every one was closed before a
	// moment and has not been used in any way since: those first that have been so longest. A visitor's conversations are
	// those too in which they go on from elsewhere. more tells that there may be others.
	EraseIdle(ctx context.Context, before time.Time, limit int) (erased int, more bool, err error)
	// ForgetGreeted forgets some of the visitors who were seen last before a moment and have never written.
	ForgetGreeted(ctx context.Context, before time.Time) (forgotten int, err error)
	// EraseVisitor erases a visitor and all their conversations, whatever their state.
	EraseVisitor(ctx context.Context, id VisitorID) error
}

const (
	eraseEvery = 10 * time.Minute // and who is at it goes on
	erasePause = time.Second      // between batches: others write too
	eraseBatch = 20               // visitors
)

// KeepRetention erases what has been closed for as many days as the policy says, little by little, until ctx ends. It returns
// nil. Of several instances one at a time does it.
func KeepRetention(ctx context.Context, book EraseBook, policy func() *Policy, log *slog.Logger) error {
	log = logOr(log)
	for wait := erasePause; pause(ctx, wait); wait = eraseEvery {
		if policy().ClosedDays <= 0 {
			continue
		}
		taken, err := book.EraseTurn(ctx, eraseEvery)
		if err == nil && taken {
			err = erase(ctx, book, policy, log)
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("what is to be erased stays for now", "error", err)
		}
	}
	return nil
}

// erase goes on until nothing is left to erase. The policy is asked before each batch: what is set holds at once.
func erase(ctx context.Context, book EraseBook, policy func() *Policy, log *slog.Logger) error {
	var visitors, greeted int
	defer func() {
		if visitors+greeted > 0 {
			log.Info("erased what has been closed for long", "visitors", visitors, "never_wrote", greeted)
		}
	}()
	for {
		days := policy().ClosedDays
		if days <= 0 {
			return nil
		}
		before := now().AddDate(0, 0, -days)
		n, more, err := book.EraseIdle(ctx, before, eraseBatch)
		visitors += n
		if err != nil {
			return err
		}
		if !more {
			greeted, err = book.ForgetGreeted(ctx, before)
			return err
		}
		if !pause(ctx, erasePause) {
			return nil
		}
	}
}

// errErased is what agents are told who write where everything was erased.
var errErased = &Problem{
	Code: "erased", Public: "Not sent, and not kept: this conversation was erased, as the team's retention asks. If the visitor writes again, that is a new one.",
}
