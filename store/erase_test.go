package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// What is erased stands in no table any more, whatever table comes to hold it.
func TestNothingOfWhoWasErasedIsLeft(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": sqliteDatabase, "postgres": postgresDatabase} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const secret = "xylophone"
			s := open(t, database(t))
			var c bridge.Conversation
			err := s.Change(t.Context(), func(tx bridge.Tx) error {
				v, err := tx.SaveVisitor(bridge.Visitor{
					Endpoint: "shop", Key: "t" + secret, Locale: "en-" + secret, Device: secret, Network: secret, SeenAt: time.Now(), Verified: true,
					Profile: bridge.Profile{Name: secret, Email: secret, Attributes: map[string]string{secret: secret}}, Page: bridge.Page{URL: secret},
				})
				if err != nil {
					return err
				}
				c, err = tx.OpenConversation(bridge.Conversation{
					Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: "shop", Visitor: v.ID,
				}, []bridge.Lane{{Endpoint: "shop", Role: bridge.RoleVisitor, Thread: "t" + secret}, {Endpoint: "slack", Role: bridge.RoleTeam}})
				if err != nil {
					return err
				}
				en := bridge.Entry{
					Conversation: c.ID, Kind: bridge.Said, Audience: bridge.Everyone, By: bridge.Speaker{Kind: bridge.ByVisitor, Name: secret, Avatar: secret},
					Origin: bridge.Origin{Endpoint: "shop", Key: secret, Message: secret}, Body: rich.Of(secret), At: time.Now(),
					Files: []bridge.File{{ID: "f", Name: secret, Source: bridge.FileRef{Endpoint: "shop", Ref: secret}}},
				}
				if en, err = tx.Append(en); err != nil {
					return err
				}
				now, err := tx.Conversation(c.ID)
				if err != nil {
					return err
				}
				now.State, now.Tags = bridge.StateClosed, []string{secret}
				if err := tx.UpdateConversation(now); err != nil {
					return err
				}
				return tx.SaveReceipt(c.ID, "slack", bridge.Receipt{Seq: en.Seq, Message: secret, Status: bridge.ReceiptFailed, Public: secret})
			})
			if err != nil {
				t.Fatal(err)
			}
			digest := func() {
				if _, err := s.Digest(t.Context(), time.UTC); err != nil {
					t.Fatal(err)
				}
			}
			digest()
			if found := store.Dump(t, s); !strings.Contains(found, secret) {
				t.Fatalf("before, nothing is found in\n%s", found)
			}
			if err := s.EraseVisitor(t.Context(), c.Visitor); err != nil {
				t.Fatal(err)
			}
			digest()
			for _, line := range strings.Split(store.Dump(t, s), "\n") {
				if strings.Contains(line, secret) {
					t.Errorf("there is still %s", line)
				}
			}
		})
	}
}

// Every table that tells of conversations or visitors is one of those that erasing treats of: whoever adds another one says
// in erase.go what becomes of it, and then here.
func TestErasingKnowsEveryTable(t *testing.T) {
	known := []string{
		"conversation_tags", "conversations", "digests", "documents", "entries", "fetched", "files", "lanes", "mailed", "mails", "marks",
		"quick_lines", "reactions", "receipts", "report_folds", "thoughts", "translations", "undigested", "visits",
		"erasing", // tells how far was looked
	}
	slices.Sort(known)
	if got := store.TablesWith(t, open(t, sqliteDatabase(t)), "conversation", "visitor"); !slices.Equal(got, known) {
		t.Errorf("tables of conversations and visitors are %q, want %q", got, known)
	}
}
