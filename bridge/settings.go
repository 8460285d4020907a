package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// SettingBook is what Settings reads.
type SettingBook interface {
	// SettingsRevision tells with one cheap look whether a setting has been changed: it is the last change's Revision.
	SettingsRevision(ctx context.Context) (int64, error)
	// StoredSettings returns what each key was set to last, and the revision at which that was so, or an earlier one.
	StoredSettings(ctx context.Context) ([]StoredSetting, int64, error)
	// SettingHistory returns what was set, the latest first.
	SettingHistory(ctx context.Context, limit int) ([]StoredSetting, error)
}

// SettingTx is the part of a transaction that is about settings.
type SettingTx interface {
	// Setting returns what a key was set to last; the zero Revision: it never was. Other changes of settings wait until this
	// transaction has ended.
	Setting(key string) (StoredSetting, error)
	// SaveSetting writes what a key is set to, and returns it with its Revision and the time.
	SaveSetting(s StoredSetting) (StoredSetting, error)
}

// StoredSetting is one change of a setting, as it is kept.
type StoredSetting struct {
	Key      string // SettingKey.String
	Value    string // JSON of a SettingValue; empty: the default again
	Before   string // likewise, of the change before; SettingHistory only
	Revision int64  // greater than that of every earlier change of any setting
	By       AgentID
	ByName   string // as it is now; not for SaveSetting
	At       time.Time
}

// Setting is one thing that the team can decide, and what holds.
type Setting struct {
	Key   SettingKey
	Fixed string         // where the configuration says it, in words for people; empty: it can be set in the workbench
	Desk  []EndpointName // SettingRoutes: what its rules can choose
	Hours bool           // SettingRoutes: its rules can ask for the endpoint's hours

	Value    SettingValue // what holds
	Default  SettingValue // what holds if nothing is set
	IsSet    bool         // it was set in the workbench, and not back to the default
	Revision int64        // of its last change; 0: there was none
	By       string       // who made that
	At       time.Time
}

// SettingsConfig is what Settings are made of. Book and Ledger are required unless nothing can be set.
type SettingsConfig struct {
	Book     SettingBook
	Ledger   Ledger
	Settings []Setting // what there is to set, in the order in which it is shown: Key, Fixed, Desk and Hours
	Policy   Policy    // what the configuration says, with the defaults of what it does not say
	Hub      *Hub      // told of conversation 0 when something is set; nil: nobody is. What it tells makes Run look at once.
	Log      *slog.Logger
}

// settingsLook is how late a change by another instance can be seen of which no hint came.
const settingsLook = time.Second

// Settings follow what this and other instances set, and have the Policy at hand. Their methods may be called concurrently.
type Settings struct {
	cfg    SettingsConfig
	log    *slog.Logger
	policy atomic.Pointer[Policy]
	look   chan struct{} // capacity 1

	following sync.Mutex
	revision  int64 // of policy
	stored    map[string]StoredSetting
}

// NewSettings returns Settings with what the configuration says, until Follow or Run have read the book.
func NewSettings(cfg SettingsConfig) *Settings {
	s := &Settings{cfg: cfg, log: logOr(cfg.Log), look: make(chan struct{}, 1)}
	for e, p := range cfg.Policy.Endpoints {
		if office, err := p.Hours.Office(); err == nil {
			p.Office = office
			cfg.Policy.Endpoints[e] = p
		}
	}
	s.policy.Store(&s.cfg.Policy)
	return s
}

// Policy is what holds at this moment.
func (s *Settings) Policy() *Policy { return s.policy.Load() }

// Run follows the book until ctx ends. It returns nil.
func (s *Settings) Run(ctx context.Context) error {
	if s.cfg.Hub != nil {
		defer s.cfg.Hub.Subscribe(func(ConversationID) { s.lookAtOnce() })()
	}
	tick := time.NewTicker(settingsLook)
	defer tick.Stop()
	for {
		if err := s.Follow(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("read settings", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.look:
		}
	}
}

func (s *Settings) lookAtOnce() {
	select {
	case s.look <- struct{}{}:
	default:
	}
}

// Follow reads the book if something is new in it. What was committed before the call holds afterwards.
func (s *Settings) Follow(ctx context.Context) error {
	s.following.Lock()
	defer s.following.Unlock()
	revision, err := s.cfg.Book.SettingsRevision(ctx)
	if err != nil || revision == s.revision && s.stored != nil {
		return err
	}
	stored, revision, err := s.cfg.Book.StoredSettings(ctx)
	if err != nil {
		return err
	}
	s.revision, s.stored = revision, map[string]StoredSetting{}
	policy := s.cfg.Policy.clone()
	for _, st := range stored {
		s.stored[st.Key] = st
		setting, known := s.declared(st.Key)
		if st.Value == "" || !known || setting.Fixed != "" {
			continue
		}
		v, err := readSetting(st.Value)
		if err != nil {
			s.log.Warn("a setting cannot be read, so its default holds", "key", st.Key, "error", err)
			continue
		}
		policy.set(setting.Key, v)
	}
	s.policy.Store(policy)
	return nil
}

// readSetting reads a value as it is kept. It was checked when it was set; only the machine's time zones may be others now.
func readSetting(kept string) (v SettingValue, err error) {
	if err := json.Unmarshal([]byte(kept), &v); err != nil {
		return v, err
	}
	_, err = v.Hours.Office()
	return v, err
}

func (s *Settings) declared(key string) (Setting, bool) {
	i := slices.IndexFunc(s.cfg.Settings, func(d Setting) bool { return d.Key.String() == key })
	if i < 0 {
		return Setting{}, false
	}
	return s.cfg.Settings[i], true
}

// All lists what there is to set, with what holds. What was set before the call is in it.
func (s *Settings) All(ctx context.Context) ([]Setting, error) {
	if err := s.Follow(ctx); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	s.following.Lock()
	defer s.following.Unlock()
	policy := s.policy.Load()
	all := slices.Clone(s.cfg.Settings)
	for i := range all {
		d := &all[i]
		d.Value, d.Default = policy.value(d.Key), s.cfg.Policy.value(d.Key)
		if st, ok := s.stored[d.Key.String()]; ok && d.Fixed == "" {
			d.IsSet, d.Revision, d.By, d.At = st.Value != "", st.Revision, st.ByName, st.At
		}
	}
	return all, nil
}

// SettingChange is what somebody wants to set.
type SettingChange struct {
	Key      SettingKey
	Value    *SettingValue // nil: back to the default
	Revision int64         // the setting's, as they had it before them
}

// Set changes a setting, for admins. ErrChanged when somebody else has changed it since, ErrNotFound when there is no such
// setting; nothing is written then. To set the same twice is to set it once. A *Problem says what is wrong with it, or that
// it is not to be changed here.
func (s *Settings) Set(ctx context.Context, by AgentID, change SettingChange) error {
	setting, known := s.declared(change.Key.String())
	if !known {
		return ErrNotFound
	}
	if setting.Fixed != "" {
		return &Problem{Code: "fixed", Public: "Not saved: the configuration says this (" + setting.Fixed + "). Change it there, and start the daemon again."}
	}
	next, err := setting.written(change.Value)
	if err != nil {
		return err
	}
	written := false
	err = s.cfg.Ledger.Change(ctx, func(tx Tx) error {
		written, err = saveSetting(tx, by, next, change.Revision)
		return err
	})
	if err != nil {
		return fmt.Errorf("set: %w", err)
	}
	if written {
		s.log.Info("setting changed", "key", next.Key, "agent", by)
	}
	if s.cfg.Hub != nil {
		s.cfg.Hub.Publish(0)
	}
	_ = s.Follow(ctx) // else Run does, a moment later
	return nil
}

// written is a checked value as it is kept.
func (s Setting) written(v *SettingValue) (StoredSetting, error) {
	kept := StoredSetting{Key: s.Key.String()}
	if v == nil {
		return kept, nil
	}
	tidy := v.tidy()
	if err := s.check(tidy); err != nil {
		return kept, err
	}
	text, err := json.Marshal(tidy)
	kept.Value = string(text)
	return kept, err
}

// tidy is a value without what nobody sees in it.
func (v SettingValue) tidy() SettingValue {
	texts := Texts{}
	for language, text := range v.Texts {
		if text = strings.TrimSpace(text); text != "" {
			texts[strings.ToLower(strings.TrimSpace(language))] = text
		}
	}
	v.Texts = texts
	v.Hours.Zone, v.Zone = strings.TrimSpace(v.Hours.Zone), strings.TrimSpace(v.Zone)
	rules := slices.Clone(v.Rules)
	for i, rule := range rules {
		rules[i] = rule.Tidy()
	}
	v.Rules = rules
	return v
}

func saveSetting(tx Tx, by AgentID, next StoredSetting, revision int64) (written bool, err error) {
	agent, err := tx.Member(by)
	switch {
	case err != nil:
		return false, err
	case !agent.Rank.AtLeast(RankAdmin):
		return false, &Problem{Code: "not_allowed", Public: "Not saved: only admins of the team change settings."}
	}
	stands, err := tx.Setting(next.Key)
	switch {
	case err != nil:
		return false, err
	case stands.Value == next.Value: // by the press before this one, or nothing was changed
		return false, nil
	case stands.Revision != revision:
		return false, ErrChanged
	}
	next.By = by
	_, err = tx.SaveSetting(next)
	return err == nil, err
}

// SettingRecord is a change of a setting that was made.
type SettingRecord struct {
	Key           SettingKey
	Before, After string // in a few words
	By            string
	At            time.Time
}

// History lists what was set, the latest first.
func (s *Settings) History(ctx context.Context, limit int) ([]SettingRecord, error) {
	stored, err := s.cfg.Book.SettingHistory(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	var records []SettingRecord
	for _, st := range stored {
		setting, known := s.declared(st.Key)
		if !known { // of an endpoint that is no longer configured
			setting.Key.Name = st.Key
		}
		records = append(records, SettingRecord{
			Key: setting.Key, Before: setting.inWords(st.Before), After: setting.inWords(st.Value), By: st.ByName, At: st.At,
		})
	}
	return records, nil
}

// inWords is a value as it is kept, for people.
func (s Setting) inWords(kept string) string {
	if kept == "" {
		return "the default"
	}
	v, err := readSetting(kept)
	if err != nil {
		return "something that cannot be read"
	}
	return s.Summary(v)
}
