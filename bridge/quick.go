package bridge

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skeindesk/skein/bridge/quickreply"
)

// QuickBook is what the Shelf reads.
type QuickBook interface {
	// QuickState tells with one cheap look whether quick replies have changed.
	QuickState(ctx context.Context) (QuickState, error)
	// QuickReplies returns all of them, as they are at that state or later.
	QuickReplies(ctx context.Context) ([]quickreply.Reply, QuickState, error)
}

// QuickState stands for all quick replies at one moment.
type QuickState struct {
	Version  int64     // grows whenever one is written or removed
	LastUsed time.Time // when one was used last
}

// QuickTx is the part of a transaction that is about quick replies.
type QuickTx interface {
	// QuickReply finds one by its ID.
	QuickReply(id int64) (quickreply.Reply, error)
	// QuickReplyByShortcut finds the owner's with this shortcut, as quickreply.Key compares; owner 0: the team's.
	QuickReplyByShortcut(shortcut string, owner AgentID) (quickreply.Reply, error)
	// SaveQuickReply writes a reply and returns it with its ID, which is 0 for a new one. How often it was used is left as
	// it is. ErrConflict when its owner has another one with this shortcut. ErrNotFound when it was removed.
	SaveQuickReply(r quickreply.Reply) (quickreply.Reply, error)
	// RemoveQuickReply removes a reply.
	RemoveQuickReply(id int64) error
	// UseQuickReply counts a use.
	UseQuickReply(id int64) error
	// QuickSent notes that a line was said by these replies.
	QuickSent(c ConversationID, seq int64, replies []int64) error
	// QuickAmended counts with the replies that have said a line that an agent has changed it or taken it back: once.
	QuickAmended(c ConversationID, seq int64) error
	// InheritQuickReplies makes an agent's own quick replies another one's, but for those whose shortcuts they have already.
	InheritQuickReplies(from, to AgentID) error
	// KeepFile writes down a file that no entry carries, because a quick reply made in the conversation does.
	KeepFile(f File, of ConversationID) error
	// ShelveFile makes an upload a file that a quick reply carries. ErrNotFound when there is no such upload, or none any more.
	ShelveFile(id FileID) error
	// QuickAtOnce reports whether a shortcut sends at once for the agent, without a preview.
	QuickAtOnce(a AgentID) (bool, error)
	// SetQuickAtOnce changes that.
	SetQuickAtOnce(a AgentID, on bool) error
}

const (
	// shelfLook is how late a change by another instance can be seen.
	shelfLook = 2 * time.Second
	// shelfRank is how late uses can change the order of what a search finds.
	shelfRank = 5 * time.Minute
)

// Shelf has all quick replies at hand, ready to be searched, and follows what this and other instances change.
type Shelf struct {
	book  QuickBook
	log   *slog.Logger
	index atomic.Pointer[quickreply.Index]
	look  chan struct{} // capacity 1

	following sync.Mutex
	state     QuickState // of index
	read      time.Time
}

// NewShelf returns a Shelf, empty until Run has read the book.
func NewShelf(book QuickBook, log *slog.Logger) *Shelf {
	s := &Shelf{book: book, log: logOr(log), look: make(chan struct{}, 1)}
	s.index.Store(quickreply.NewIndex(nil))
	return s
}

// Run follows the book until ctx ends. It returns nil.
func (s *Shelf) Run(ctx context.Context) error {
	tick := time.NewTicker(shelfLook)
	defer tick.Stop()
	for {
		if err := s.follow(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("read quick replies", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.look:
		}
	}
}

// follow reads the book again if there is something new in it.
func (s *Shelf) follow(ctx context.Context) error {
	s.following.Lock()
	defer s.following.Unlock()
	if s.book == nil {
		return nil
	}
	state, err := s.book.QuickState(ctx)
	if err != nil {
		return err
	}
	used := !state.LastUsed.Equal(s.state.LastUsed) && time.Since(s.read) >= shelfRank
	if state.Version == s.state.Version && !used {
		return nil
	}
	replies, state, err := s.book.QuickReplies(ctx)
	if err != nil {
		return err
	}
	s.index.Store(quickreply.NewIndex(replies))
	s.state, s.read = state, time.Now()
	return nil
}

// changed makes Run look at once.
func (s *Shelf) changed() {
	select {
	case s.look <- struct{}{}:
	default:
	}
}

// search finds what the agent may have meant, best first.
func (s *Shelf) search(words string, agent AgentID, limit int) []quickreply.Hit {
	return s.index.Load().Search(words, int64(agent), limit)
}
