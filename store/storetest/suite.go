// Package storetest is what a store has to do, whichever database it is on.
package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// Run runs the suite. database returns the address of a database that belongs to the test alone; it need not be
// migrated. Everything that Run opens is closed before the test that it was opened for ends.
func Run(t *testing.T, database func(t testing.TB) string) {
	for _, c := range []struct {
		name string
		test func(*fixture)
	}{
		{"Append", testAppend},
		{"AppendOnce", testAppendOnce},
		{"AppendRefusals", testAppendRefusals},
		{"AppendRaisesHeads", testAppendRaisesHeads},
		{"AppendConcurrently", testAppendConcurrently},
		{"Intended", testIntended},
		{"IntendedInDialogue", testIntendedInDialogue},
		{"Say", testSay},
		{"SayAlong", testSayAlong},
		{"SayAtOnce", testSayAtOnce},
		{"SameEventTwiceAtOnce", testSameEventTwiceAtOnce},
		{"ChangeIsWholeOrNothing", testChangeIsWholeOrNothing},
		{"ChangePanics", testChangePanics},
		{"ChangeCancelled", testChangeCancelled},
		{"OpenConversation", testOpenConversation},
		{"OpenSameThreadAtOnce", testOpenSameThreadAtOnce},
		{"UpdateConversation", testUpdateConversation},
		{"Waiting", testWaiting},
		{"Mail", testMail},
		{"MailOfTheLost", testMailOfTheLost},
		{"MailAtOnce", testMailAtOnce},
		{"List", testList},
		{"Browse", testBrowse},
		{"BrowseRow", testBrowseRow},
		{"Transcript", testTranscript},
		{"TranscriptPages", testTranscriptPages},
		{"Visits", testVisits},
		{"Places", testPlaces},
		{"Search", testSearch},
		{"SearchPages", testSearchPages},
		{"SearchLong", testSearchLong},
		{"DigestsAtOnce", testDigestsAtOnce},
		{"Report", testReport},
		{"Cards", testCards},
		{"CardOfVisitor", testCardOfVisitor},
		{"EditVisitor", testEditVisitor},
		{"EntryByMessage", testEntryByMessage},
		{"LastVersion", testLastVersion},
		{"Agents", testAgents},
		{"SignIns", testSignIns},
		{"Handshakes", testHandshakes},
		{"OneOwner", testOneOwner},
		{"SaveAgent", testSaveAgent},
		{"Team", testTeam},
		{"Invitations", testInvitations},
		{"Unowned", testUnowned},
		{"ClosedAt", testClosedAt},
		{"Reminded", testReminded},
		{"Visitors", testVisitors},
		{"VisitorAtOnce", testVisitorAtOnce},
		{"Gather", testGather},
		{"React", testReact},
		{"Unreact", testUnreact},
		{"Relations", testRelations},
		{"LongMessageRefs", testLongMessageRefs},
		{"Texts", testTexts},
		{"RefsAreBytes", testRefsAreBytes},
		{"Claim", testClaim},
		{"ClaimOrder", testClaimOrder},
		{"ClaimExclusively", testClaimExclusively},
		{"EpochFencing", testEpochFencing},
		{"LeaseExpires", testLeaseExpires},
		{"Defer", testDefer},
		{"Intend", testIntend},
		{"Pause", testPause},
		{"Resume", testResume},
		{"Next", testNext},
		{"Settle", testSettle},
		{"SettleConflict", testSettleConflict},
		{"SettleNotice", testSettleNotice},
		{"SettleAlso", testSettleAlso},
		{"NewestReply", testNewestReply},
		{"Links", testLinks},
		{"Threads given away", testJoinThread},
		{"Recalls left with a thread", testLeaveRecalls},
		{"Reopen", testReopen},
		{"LockOrder", testLockOrder},
		{"Leases", testLeases},
		{"Threads", testThreads},
		{"Openings", testOpenings},
		{"Files", testFiles},
		{"WithdrawnFiles", testWithdrawnFiles},
		{"DisposedFiles", testDisposedFiles},
		{"QuickReplies", testQuickReplies},
		{"QuickRepliesAtOnce", testQuickRepliesAtOnce},
		{"QuickAtOnce", testQuickAtOnce},
		{"InheritQuickReplies", testInheritQuickReplies},
		{"ThreadFor", testThreadFor},
		{"Articles", testArticles},
		{"Thoughts", testThoughts},
		{"Overtaken", testOvertaken},
		{"KeptFiles", testKeptFiles},
		{"Settings", testSettings},
		{"SettingsAtOnce", testSettingsAtOnce},
		{"EraseIdle", testEraseIdle},
		{"EraseVisitor", testEraseVisitor},
		{"EraseWhileWriting", testEraseWhileWriting},
		{"ForgetGreeted", testForgetGreeted},
		{"Visible", testVisible},
		{"VisibleHeld", testVisibleHeld},
		{"Seen", testSeen},
		{"Fetched", testFetched},
		{"Proofs", testProofs},
		{"Undelivered", testUndelivered},
		{"Questions", testQuestions},
		{"Marks", testMarks},
		{"Secret", testSecret},
		{"ChangedSince", testChangedSince},
		{"LaneStats", testLaneStats},
		{"Reopened", testReopenedStore},
		{"Migrate", testMigrate},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(&fixture{T: t, address: database(t)})
		})
	}
}

// fixture is one test's database.
type fixture struct {
	*testing.T
	address string
}

// open opens one more store on the test's database.
func (f *fixture) open() *store.Store {
	f.Helper()
	s, err := store.Open(f.Context(), f.address, store.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Errorf("close: %v", err)
		}
	})
	if err := s.Migrate(f.Context()); err != nil {
		f.Fatal(err)
	}
	return s
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// want fails the test unless err is target.
func (f *fixture) want(err, target error) {
	f.Helper()
	if !errors.Is(err, target) {
		f.Fatalf("error %v, want %v", err, target)
	}
}

const (
	shop    bridge.EndpointName = "shop"
	slack   bridge.EndpointName = "slack"
	discord bridge.EndpointName = "discord"
)

// lanes are a reading visitor's lane and one of the team, in threads of this name.
func lanes(thread bridge.ThreadRef) []bridge.Lane {
	return []bridge.Lane{
		{Endpoint: shop, Role: bridge.RoleVisitor, Reads: true, Thread: thread},
		{Endpoint: slack, Role: bridge.RoleTeam},
	}
}

// conversation opens a guest conversation with these lanes.
func (f *fixture) conversation(s *store.Store, lanes []bridge.Lane) bridge.Conversation {
	f.Helper()
	var c bridge.Conversation
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: string(lanes[0].Thread), SeenAt: time.Now()})
		if err != nil {
			return err
		}
		c, err = tx.OpenConversation(bridge.Conversation{
			Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: shop, Visitor: v.ID,
		}, lanes)
		return err
	}))
	return c
}

// said is a visitor's line.
func said(c bridge.ConversationID, key string) bridge.Entry {
	return bridge.Entry{
		Conversation: c, Kind: bridge.Said, Audience: bridge.Everyone,
		By:     bridge.Speaker{Kind: bridge.ByVisitor, Name: "Ida"},
		Origin: bridge.Origin{Endpoint: shop, Key: key, Message: bridge.MessageRef("m-" + key)},
		Body:   rich.Of("Hello " + key), At: time.Now(),
	}
}

// own is an entry of our own that everybody may see.
func own(c bridge.ConversationID) bridge.Entry {
	return bridge.Entry{
		Conversation: c, Kind: bridge.Said, Audience: bridge.Everyone, By: bridge.Speaker{Kind: bridge.BySystem},
		Body: rich.Of("Welcome"), At: time.Now(),
	}
}

func (f *fixture) append(s *store.Store, en bridge.Entry) bridge.Entry {
	f.Helper()
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		var err error
		en, err = tx.Append(en)
		return err
	}))
	return en
}

func (f *fixture) lane(s *store.Store, c bridge.ConversationID, e bridge.EndpointName) bridge.Lane {
	f.Helper()
	all, err := s.Lanes(f.Context(), c)
	f.must(err)
	for _, l := range all {
		if l.Endpoint == e {
			return l
		}
	}
	f.Fatalf("no lane at %s", e)
	return bridge.Lane{}
}

// claim claims the one lane that is due at slack.
func (f *fixture) claim(s *store.Store, lease time.Duration) bridge.Lane {
	f.Helper()
	got, err := s.Claim(f.Context(), []bridge.EndpointName{slack}, nil, lease, 10)
	f.must(err)
	if len(got) != 1 {
		f.Fatalf("claimed %d lanes, want 1", len(got))
	}
	return got[0]
}

// nothingDue fails the test if a lane can be claimed.
func (f *fixture) nothingDue(s *store.Store) {
	f.Helper()
	got, err := s.Claim(f.Context(), []bridge.EndpointName{shop, slack, discord}, nil, time.Minute, 10)
	f.must(err)
	if len(got) != 0 {
		f.Fatalf("claimed %d lanes, want none", len(got))
	}
}

// eventually waits until ok, for what depends on the database's real clock.
func (f *fixture) eventually(what string, ok func() bool) {
	f.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			f.Fatalf("not within a minute: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// seqs are the numbers of the entries.
func seqs(entries []bridge.Entry) string {
	var s []int64
	for _, en := range entries {
		s = append(s, en.Seq)
	}
	return fmt.Sprint(s)
}

// aloneOnDatabase reports whether a store may take it that no other process uses its database.
func (f *fixture) aloneOnDatabase() bool { return strings.HasPrefix(f.address, "sqlite:") }
