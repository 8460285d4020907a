package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// conversationColumns reads a conversation c. The owner's name is a subquery rather than a join, because PostgreSQL
// evaluates it again when it has waited for the row, and the owner may be what changed.
const conversationColumns = `c.id, c.kind, c.state, c.endpoint, coalesce(c.visitor, 0) AS visitor, c.owner,
	coalesce((SELECT ` + shownName + ` FROM agents a WHERE a.id = c.owner), '') AS owner_name, c.last_seq, c.opened_at, c.updated_at,
	c.joined, c.waiting_since, c.closed_at, c.erased_at, c.rating, c.tags, c.language, c.language_sure, c.heard, c.auto, c.listening,
	coalesce((SELECT b.blocked FROM visitors b WHERE b.id = c.visitor), false) AS blocked`

// shownName is what an agent a is called.
const shownName = `coalesce(nullif(a.public_name, ''), a.name)`

type conversationRow struct {
	ID        bridge.ConversationID
	Kind      bridge.ConversationKind
	State     bridge.State
	Endpoint  bridge.EndpointName
	Visitor   bridge.VisitorID
	Owner     bridge.AgentID
	OwnerName string `db:"owner_name"`
	LastSeq   int64  `db:"last_seq"`
	OpenedAt  int64  `db:"opened_at"`
	UpdatedAt int64  `db:"updated_at"`
	Joined    bridge.ConversationID
	Waiting   int64 `db:"waiting_since"`
	ClosedAt  int64 `db:"closed_at"`
	ErasedAt  int64 `db:"erased_at"`
	Rating    int
	Tags      string
	Blocked   bool

	Language     string
	LanguageSure bool `db:"language_sure"`
	Heard        string
	Auto         bool
	Listening    bool
}

func (r conversationRow) conversation() bridge.Conversation {
	var tags []string
	_ = decode(r.Tags, &tags) // a conversation without its tags is better than none
	return bridge.Conversation{
		ID: r.ID, Kind: r.Kind, State: r.State, Endpoint: r.Endpoint, Visitor: r.Visitor, Owner: r.Owner,
		OwnerName: r.OwnerName, LastSeq: r.LastSeq, OpenedAt: moment(r.OpenedAt), UpdatedAt: moment(r.UpdatedAt),
		Joined: r.Joined, WaitingSince: moment(r.Waiting), ClosedAt: moment(r.ClosedAt), ErasedAt: moment(r.ErasedAt), Rating: r.Rating, Tags: tags, Blocked: r.Blocked,
		Language: r.Language, LanguageSure: r.LanguageSure, Heard: r.Heard, Auto: r.Auto, Listening: r.Listening,
	}
}

// entryColumns reads an entry e.
const entryColumns = `e.conversation, e.seq, e.kind, e.audience, e.by_kind, e.by_id, e.by_name, e.by_avatar, e.endpoint,
	e.key, e.message, e.target, e.body, e.files, e.state, e.at, e.offers, ` + heldColumn

// heldColumn is how many milliseconds the other side has to wait yet.
const heldColumn = `CASE WHEN e.not_before = 0 THEN 0 ELSE e.not_before - now_ms() END AS held`

type entryRow struct {
	Conversation bridge.ConversationID
	Seq          int64
	Kind         bridge.EntryKind
	Audience     bridge.Audience
	ByKind       bridge.SpeakerKind `db:"by_kind"`
	ByID         int64              `db:"by_id"`
	ByName       string             `db:"by_name"`
	ByAvatar     string             `db:"by_avatar"`
	Endpoint     bridge.EndpointName
	Key          string
	Message      bridge.MessageRef
	Target       int64
	Body         string
	Files        string
	State        bridge.State
	At           int64
	Offers       string
	Held         int64
}

func (r entryRow) entry() (bridge.Entry, error) {
	en := bridge.Entry{
		Conversation: r.Conversation, Seq: r.Seq, Kind: r.Kind, Audience: r.Audience,
		By:     bridge.Speaker{Kind: r.ByKind, ID: r.ByID, Name: r.ByName, Avatar: r.ByAvatar},
		Origin: bridge.Origin{Endpoint: r.Endpoint, Key: r.Key, Message: r.Message},
		Target: r.Target, State: r.State, At: moment(r.At),
		Held: time.Duration(max(r.Held, 0)) * time.Millisecond,
	}
	if err := decode(r.Body, &en.Body); err != nil {
		return bridge.Entry{}, fmt.Errorf("entry %d.%d: body: %w", r.Conversation, r.Seq, err)
	}
	if err := decode(r.Files, &en.Files); err != nil {
		return bridge.Entry{}, fmt.Errorf("entry %d.%d: files: %w", r.Conversation, r.Seq, err)
	}
	if err := decode(r.Offers, &en.Offers); err != nil {
		return bridge.Entry{}, fmt.Errorf("entry %d.%d: offers: %w", r.Conversation, r.Seq, err)
	}
	return en, nil
}

func entriesOf(rows []entryRow) ([]bridge.Entry, error) {
	entries := make([]bridge.Entry, len(rows))
	for i, r := range rows {
		var err error
		if entries[i], err = r.entry(); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// laneColumns reads a lane. They bear no alias: SQLite's RETURNING knows none.
const laneColumns = `id, conversation, endpoint, role, reads, thread, reopened, cursor, head, part, intent, intent_at,
	attempt, next_at, epoch, lease_until, card_due`

type laneRow struct {
	ID           bridge.LaneID
	Conversation bridge.ConversationID
	Endpoint     bridge.EndpointName
	Role         bridge.Role
	Reads        bool
	Thread       bridge.ThreadRef
	Reopened     int
	Cursor, Head int64
	Part         int
	Intent       bridge.DeliveryKey
	IntentAt     int64 `db:"intent_at"`
	Attempt      int
	NextAt       int64 `db:"next_at"`
	Epoch        int64
	LeaseUntil   int64 `db:"lease_until"`
	CardDue      int64 `db:"card_due"`
}

func (r laneRow) lane() bridge.Lane {
	intended, byClaim := strings.CutPrefix(string(r.Intent), byClaim)
	if byClaim {
		r.Intent = ""
	} else {
		intended = ""
	}
	return bridge.Lane{
		ID: r.ID, Conversation: r.Conversation, Endpoint: r.Endpoint, Role: r.Role, Reads: r.Reads, Thread: r.Thread,
		Reopened: r.Reopened, Cursor: r.Cursor, Head: r.Head, Part: r.Part, Intent: r.Intent,
		Intended: bridge.DeliveryKey(intended), IntentAt: moment(r.IntentAt), Attempt: r.Attempt, NextAt: moment(r.NextAt), Epoch: r.Epoch,
		LeaseUntil: moment(r.LeaseUntil), CardDue: moment(r.CardDue),
	}
}

// visitorColumns reads a visitor v.
const visitorColumns = `v.id, v.endpoint, v.key, v.verified, v.profile, v.page, v.locale, v.seen_at, v.device,
	v.edited, v.blocked, v.kept_out, v.network, v.place`

type visitorRow struct {
	ID       bridge.VisitorID
	Endpoint bridge.EndpointName
	Key      string
	Verified bool
	Profile  string
	Page     string
	Locale   string
	SeenAt   int64 `db:"seen_at"`
	Device   string
	Edited   string
	Blocked  bool
	KeptOut  int `db:"kept_out"`
	Network  string
	Place    string
}

func (r visitorRow) visitor() (bridge.Visitor, error) {
	v := bridge.Visitor{
		ID: r.ID, Endpoint: r.Endpoint, Key: r.Key, Verified: r.Verified, Locale: r.Locale, SeenAt: moment(r.SeenAt),
		Device: r.Device, Network: r.Network, Place: r.Place, Blocked: r.Blocked, KeptOut: r.KeptOut,
	}
	if err := decode(r.Profile, &v.Profile); err != nil {
		return bridge.Visitor{}, fmt.Errorf("visitor %d: profile: %w", r.ID, err)
	}
	if err := decode(r.Page, &v.Page); err != nil {
		return bridge.Visitor{}, fmt.Errorf("visitor %d: page: %w", r.ID, err)
	}
	if err := decode(r.Edited, &v.Edited); err != nil {
		return bridge.Visitor{}, fmt.Errorf("visitor %d: edits: %w", r.ID, err)
	}
	return v, nil
}

type receiptRow struct {
	Seq     int64
	Part    int
	Version int64
	Message bridge.MessageRef
	Status  bridge.ReceiptStatus
	Public  string
	At      int64
}

func (r receiptRow) receipt() bridge.Receipt {
	return bridge.Receipt{
		Seq: r.Seq, Part: r.Part, Version: r.Version, Message: r.Message, Status: r.Status, Public: r.Public,
		At: moment(r.At),
	}
}

// encode is v as it is stored.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// encodeList is encode, with the empty text for an empty list.
func encodeList[S ~[]E, E any](list S) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	return encode(list)
}

// encodeMap is encode, with the empty text for an empty map.
func encodeMap[M ~map[K]V, K comparable, V any](m M) (string, error) {
	if len(m) == 0 {
		return "", nil
	}
	return encode(m)
}

// decode reads what encode wrote. The error does not quote the text.
func decode(text string, v any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), v)
}

// nullable is id, or NULL for 0.
func nullable[T ~int64](id T) sql.NullInt64 { return sql.NullInt64{Int64: int64(id), Valid: id != 0} }
