package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/skeindesk/skein/bridge"
)

func testChangeIsWholeOrNothing(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	mine := errors.New("mine")
	err := s.Change(f.Context(), func(tx bridge.Tx) error {
		if _, err := tx.Append(said(c.ID, "k")); err != nil {
			return err
		}
		return mine
	})
	if err != mine { //nolint:errorlint // as it is, not wrapped
		f.Errorf("error %v", err)
	}
	// Among many that succeed, only the one that fails is undone.
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			err := s.Change(f.Context(), func(tx bridge.Tx) error {
				if _, err := tx.Append(said(c.ID, fmt.Sprint(i))); err != nil {
					return err
				}
				if i%4 == 0 {
					return mine
				}
				return nil
			})
			if (i%4 == 0) != errors.Is(err, mine) {
				f.Errorf("change %d: error %v", i, err)
			}
		})
	}
	wg.Wait()
	log, err := s.Log(f.Context(), c.ID)
	f.must(err)
	if len(log) != 30 || log[29].Seq != 30 {
		f.Errorf("log %s", seqs(log))
	}
}

func testChangePanics(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	var wg sync.WaitGroup
	for i := range 9 {
		wg.Go(func() {
			defer func() {
				if r := recover(); (r != nil) != (i == 3) {
					f.Errorf("change %d: recovered %v", i, r)
				}
			}()
			err := s.Change(f.Context(), func(tx bridge.Tx) error {
				_, err := tx.Append(said(c.ID, fmt.Sprint(i)))
				if i == 3 {
					panic("three")
				}
				return err
			})
			if err != nil {
				f.Error(err)
			}
		})
	}
	wg.Wait()
	log, err := s.Log(f.Context(), c.ID)
	f.must(err)
	if len(log) != 8 {
		f.Errorf("log %s", seqs(log))
	}
}

func testChangeCancelled(f *fixture) {
	s := f.open()
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	err := s.Change(ctx, func(bridge.Tx) error {
		f.Error("it ran although nobody waits for it any more")
		return nil
	})
	f.want(err, context.Canceled)
	c := f.conversation(s, lanes("t1"))
	ctx, cancel = context.WithCancel(f.Context())
	f.must(s.Change(ctx, func(tx bridge.Tx) error { // what has begun comes to its end
		cancel()
		_, err := tx.Append(said(c.ID, "k"))
		return err
	}))
}
