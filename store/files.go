package store

import (
	"context"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// fileEntry notes which entry's conversation decides who may read the files it carries. A file that was uploaded
// before is known already and keeps what is known of it.
func (t *tx) fileEntry(en bridge.Entry) error {
	for _, f := range en.Files {
		_, err := t.exec(insertFile+` ON CONFLICT (id) DO UPDATE SET conversation = excluded.conversation
			WHERE files.conversation = 0`, fileArgs(bridge.StoredFile{
			File: f, Endpoint: en.Origin.Endpoint, Conversation: en.Conversation,
		})...)
		if err != nil {
			return fmt.Errorf("note an entry's file: %w", err)
		}
	}
	return nil
}

const insertFile = `INSERT INTO files (id, name, type, size, width, height, source_endpoint, source_ref, endpoint, uploader,
	conversation, here, saved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now_ms())`

func fileArgs(f bridge.StoredFile) []any {
	return []any{
		f.ID, printable(f.Name), printable(f.Type), f.Size, f.Width, f.Height, f.Source.Endpoint, f.Source.Ref, f.Endpoint, f.Uploader,
		f.Conversation, f.Here,
	}
}

// SaveFile inserts the file, or updates its type, its size in bytes and pixels, and Here.
func (s *Store) SaveFile(ctx context.Context, f bridge.StoredFile) error {
	err := s.writer.write(ctx, single, func(h handle) error {
		_, err := h.exec(insertFile+` ON CONFLICT (id) DO UPDATE SET type = excluded.type, size = excluded.size,
			width = excluded.width, height = excluded.height, here = excluded.here`, fileArgs(f)...)
		return err
	})
	return wrap("save a file", err)
}

// FileByID returns ErrNotFound for an unknown file.
func (s *Store) FileByID(ctx context.Context, id bridge.FileID) (bridge.StoredFile, error) {
	var row struct {
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
	}
	err := s.read(ctx).get(&row, `SELECT id, name, type, size, width, height, source_endpoint, source_ref, endpoint, uploader,
		conversation, here FROM files WHERE id = ?`, id)
	if err != nil {
		return bridge.StoredFile{}, wrap("find a file", err)
	}
	return bridge.StoredFile{
		File: bridge.File{
			ID: row.ID, Name: row.Name, Type: row.Type, Size: row.Size, Width: row.Width, Height: row.Height,
			Source: bridge.FileRef{Endpoint: row.SourceEndpoint, Ref: row.SourceRef},
		},
		Endpoint: row.Endpoint, Uploader: row.Uploader, Conversation: row.Conversation, Here: row.Here,
	}, nil
}

// FilesElsewhere lists files that are not here yet and were mentioned at or after since; see bridge.FileBook.
func (s *Store) FilesElsewhere(ctx context.Context, since time.Time, limit int) ([]bridge.File, error) {
	var rows []struct {
		ID             bridge.FileID
		SourceEndpoint bridge.EndpointName `db:"source_endpoint"`
		SourceRef      string              `db:"source_ref"`
	}
	err := s.read(ctx).all(&rows, `SELECT id, source_endpoint, source_ref FROM files
		WHERE NOT here AND source_ref <> '' AND saved_at >= ? ORDER BY saved_at LIMIT ?`, milli(since), limit)
	if err != nil {
		return nil, wrap("list files elsewhere", err)
	}
	files := make([]bridge.File, len(rows))
	for i, r := range rows {
		files[i] = bridge.File{ID: r.ID, Source: bridge.FileRef{Endpoint: r.SourceEndpoint, Ref: r.SourceRef}}
	}
	return files, nil
}
