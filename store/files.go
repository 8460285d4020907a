package store

import (
	"context"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// fileEntry notes which entry's conversation decides who may read the files it carries. A file that was uploaded
// before is known already and keeps what is known of it. What the entry's target had and the entry has not is withdrawn.
func (t *tx) fileEntry(en bridge.Entry) error {
	carrier := en.Seq
	if en.Kind == bridge.Edited || en.Kind == bridge.Deleted {
		carrier = en.Target
		_, err := t.exec(`UPDATE files SET withdrawn_at = now_ms() WHERE conversation = ? AND carrier = ? AND withdrawn_at = 0`,
			en.Conversation, carrier)
		if err != nil {
			return fmt.Errorf("withdraw an entry's files: %w", err)
		}
	}
	for _, f := range en.Files {
		_, err := t.exec(insertFile+` ON CONFLICT (id) DO UPDATE SET conversation = excluded.conversation,
			carrier = excluded.carrier, withdrawn_at = 0 WHERE files.conversation IN (0, excluded.conversation)`,
			fileArgs(bridge.StoredFile{File: f, Endpoint: en.Origin.Endpoint, Conversation: en.Conversation}, carrier)...)
		if err != nil {
			return fmt.Errorf("note an entry's file: %w", err)
		}
	}
	return nil
}

const insertFile = `INSERT INTO files (id, name, type, size, width, height, source_endpoint, source_ref, endpoint, uploader,
	conversation, here, missing, carrier, saved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now_ms())`

func fileArgs(f bridge.StoredFile, carrier int64) []any {
	return []any{
		f.ID, printable(f.Name), printable(f.Type), f.Size, f.Width, f.Height, f.Source.Endpoint, f.Source.Ref, f.Endpoint, f.Uploader,
		f.Conversation, f.Here, f.Missing, carrier,
	}
}

// SaveFile inserts the file, or updates its type, its size in bytes and pixels, Here and Missing.
func (s *Store) SaveFile(ctx context.Context, f bridge.StoredFile) error {
	err := s.writer.write(ctx, single, func(h handle) error {
		_, err := h.exec(insertFile+` ON CONFLICT (id) DO UPDATE SET type = excluded.type, size = excluded.size,
			width = excluded.width, height = excluded.height, here = excluded.here, missing = excluded.missing
			WHERE excluded.here OR NOT files.here`,
			fileArgs(f, 0)...)
		return err
	})
	return wrap("save a file", err)
}

const fileColumns = `id, name, type, size, width, height, source_endpoint, source_ref, endpoint, uploader, conversation, here,
	missing, withdrawn_at`

type fileRow struct {
	ID             bridge.FileID
	Name, Type     string
	Size           int64
	Width, Height  int
	SourceEndpoint bridge.EndpointName `db:"source_endpoint"`
	SourceRef      string              `db:"source_ref"`
	Endpoint       bridge.EndpointName
	Uploader       string
	Conversation   bridge.ConversationID
	Here           bool
	Missing        bridge.Missing
	WithdrawnAt    int64 `db:"withdrawn_at"`
}

func (r fileRow) file() bridge.StoredFile {
	return bridge.StoredFile{
		File: bridge.File{
			ID: r.ID, Name: r.Name, Type: r.Type, Size: r.Size, Width: r.Width, Height: r.Height,
			Source: bridge.FileRef{Endpoint: r.SourceEndpoint, Ref: r.SourceRef}, Missing: r.Missing,
		},
		Endpoint: r.Endpoint, Uploader: r.Uploader, Conversation: max(r.Conversation, 0), Here: r.Here,
		Withdrawn: r.WithdrawnAt != 0 || r.Conversation < 0,
	}
}

// FileByID returns ErrNotFound for an unknown file.
func (s *Store) FileByID(ctx context.Context, id bridge.FileID) (bridge.StoredFile, error) {
	var row fileRow
	if err := s.read(ctx).get(&row, `SELECT `+fileColumns+` FROM files WHERE id = ?`, id); err != nil {
		return bridge.StoredFile{}, wrap("find a file", err)
	}
	return row.file(), nil
}

// FilesElsewhere lists files that are not here yet, might be, and were mentioned at or after since; see bridge.FileBook.
func (s *Store) FilesElsewhere(ctx context.Context, since time.Time, limit int) ([]bridge.File, error) {
	var rows []struct {
		ID             bridge.FileID
		SourceEndpoint bridge.EndpointName `db:"source_endpoint"`
		SourceRef      string              `db:"source_ref"`
	}
	err := s.read(ctx).all(&rows, `SELECT id, source_endpoint, source_ref FROM files
		WHERE NOT here AND source_ref <> '' AND missing IN ('', 'late') AND withdrawn_at = 0 AND saved_at >= ? ORDER BY saved_at LIMIT ?`, milli(since), limit)
	if err != nil {
		return nil, wrap("list files elsewhere", err)
	}
	files := make([]bridge.File, len(rows))
	for i, r := range rows {
		files[i] = bridge.File{ID: r.ID, Source: bridge.FileRef{Endpoint: r.SourceEndpoint, Ref: r.SourceRef}}
	}
	return files, nil
}

// DisposeFiles chooses files whose bytes nobody needs any more; see bridge.PorterBook.
func (s *Store) DisposeFiles(ctx context.Context, age time.Duration, limit int) (ids []bridge.FileID, err error) {
	err = s.writer.write(ctx, whole, func(h handle) error {
		ids = nil
		// From here on no entry can take the upload, so that it is safe to remove its bytes.
		if _, err := h.exec(`UPDATE files SET conversation = -1 WHERE conversation = 0 AND id IN
			(SELECT id FROM files WHERE conversation <= 0 AND saved_at < now_ms() - ? ORDER BY saved_at LIMIT ?)`,
			age.Milliseconds(), limit); err != nil {
			return err
		}
		return h.all(&ids, `SELECT id FROM files WHERE conversation <= 0 AND conversation = -1 AND saved_at < now_ms() - ?
			UNION ALL
			SELECT id FROM files WHERE withdrawn_at <> 0 AND here AND withdrawn_at < now_ms() - ?
			LIMIT ?`, age.Milliseconds(), age.Milliseconds(), limit)
	})
	return ids, wrap("choose files to remove", err)
}

// FileDisposed notes that a file's bytes have been removed; see bridge.PorterBook.
func (s *Store) FileDisposed(ctx context.Context, id bridge.FileID) error {
	err := s.writer.write(ctx, whole, func(h handle) error {
		if _, err := h.exec(`DELETE FROM files WHERE id = ? AND conversation = -1`, id); err != nil {
			return err
		}
		_, err := h.exec(`UPDATE files SET here = ?, missing = ? WHERE id = ? AND withdrawn_at <> 0`, false, bridge.FileGone, id)
		return err
	})
	return wrap("forget a file", err)
}
