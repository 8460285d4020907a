package store

import (
	"context"
	"errors"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.SettingBook = (*Store)(nil)

type settingRow struct {
	Revision, At       int64
	Key, Value, Before string
	Agent              bridge.AgentID
	ByName             string `db:"by_name"`
}

func (r settingRow) stored() bridge.StoredSetting {
	return bridge.StoredSetting{
		Key: r.Key, Value: r.Value, Before: r.Before, Revision: r.Revision, By: r.Agent, ByName: r.ByName, At: moment(r.At),
	}
}

// settingColumns reads a setting s, and an agent a who has set it.
const settingColumns = `s.revision, s.key, s.value, s.agent, s.at, coalesce(` + shownName + `, '') AS by_name`

func storedSettings(rows []settingRow) (stored []bridge.StoredSetting) {
	for _, r := range rows {
		stored = append(stored, r.stored())
	}
	return stored
}

// SettingsRevision is the last change's; see bridge.SettingBook.
func (s *Store) SettingsRevision(ctx context.Context) (revision int64, err error) {
	err = s.read(ctx).get(&revision, `SELECT revision FROM settings_revision`)
	return revision, wrap("look for changed settings", err)
}

// StoredSettings returns what each key was set to last; see bridge.SettingBook.
func (s *Store) StoredSettings(ctx context.Context) ([]bridge.StoredSetting, int64, error) {
	revision, err := s.SettingsRevision(ctx) // before the settings: what is set meanwhile is read again
	if err != nil {
		return nil, 0, err
	}
	var rows []settingRow
	err = s.read(ctx).all(&rows, `SELECT `+settingColumns+` FROM settings s LEFT JOIN agents a ON a.id = s.agent
		WHERE s.revision IN (SELECT max(l.revision) FROM settings l GROUP BY l.key) ORDER BY s.key`)
	return storedSettings(rows), revision, wrap("read settings", err)
}

// SettingHistory returns what was set, the latest first; see bridge.SettingBook.
func (s *Store) SettingHistory(ctx context.Context, limit int) ([]bridge.StoredSetting, error) {
	var rows []settingRow
	err := s.read(ctx).all(&rows, `SELECT `+settingColumns+`, coalesce((SELECT b.value FROM settings b
			WHERE b.key = s.key AND b.revision < s.revision ORDER BY b.revision DESC LIMIT 1), '') AS before
		FROM settings s LEFT JOIN agents a ON a.id = s.agent ORDER BY s.revision DESC LIMIT ?`, limit)
	return storedSettings(rows), wrap("read what was set", err)
}

// Setting returns what a key was set to last; see bridge.SettingTx.
func (t *tx) Setting(key string) (bridge.StoredSetting, error) {
	var revision int64
	if err := t.get(&revision, `SELECT r.revision FROM settings_revision r`+t.dialect.lockRow("r")); err != nil {
		return bridge.StoredSetting{}, wrap("wait for other changes of settings", err)
	}
	var row settingRow
	err := t.get(&row, `SELECT `+settingColumns+` FROM settings s LEFT JOIN agents a ON a.id = s.agent
		WHERE s.key = ? ORDER BY s.revision DESC LIMIT 1`, key)
	if errors.Is(err, bridge.ErrNotFound) {
		return bridge.StoredSetting{Key: key}, nil
	}
	return row.stored(), wrap("read a setting", err)
}

// SaveSetting writes what a key is set to; see bridge.SettingTx.
func (t *tx) SaveSetting(s bridge.StoredSetting) (bridge.StoredSetting, error) {
	err := t.get(&s.Revision, `UPDATE settings_revision SET revision = revision + 1 RETURNING revision`)
	if err != nil {
		return s, wrap("count a change of settings", err)
	}
	var at int64
	s.Value = printable(s.Value)
	err = t.get(&at, `INSERT INTO settings (revision, key, value, agent, at) VALUES (?, ?, ?, ?, now_ms()) RETURNING at`,
		s.Revision, s.Key, s.Value, s.By)
	s.At = moment(at)
	return s, wrap("change a setting", err)
}
