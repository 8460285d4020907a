package store

import "context"

// Spend adds characters, which may be fewer than none, to those that were translated in a month, such as "2026-11", and
// returns how many there are now.
func (s *Store) Spend(ctx context.Context, month string, characters int) (total int, err error) {
	err = s.writer.write(ctx, single, func(h handle) error {
		return h.get(&total, `INSERT INTO translated (month, characters) VALUES (?, ?)
			ON CONFLICT (month) DO UPDATE SET characters = translated.characters + excluded.characters RETURNING characters`, month, characters)
	})
	return total, wrap("count what is translated", err)
}

// Spent is how many characters were translated in a month.
func (s *Store) Spent(ctx context.Context, month string) (total int, err error) {
	err = s.read(ctx).get(&total, `SELECT coalesce(sum(characters), 0) FROM translated WHERE month = ?`, month)
	return total, wrap("count what was translated", err)
}
