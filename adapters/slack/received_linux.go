package slack

import "golang.org/x/sys/unix"

// received is how many bytes have reached this machine over the connection, read or not; ok is false when nobody knows.
func (w *wire) received() (n int64, ok bool) {
	if w.conn == nil {
		return 0, false
	}
	var info *unix.TCPInfo
	var err error
	if failed := w.conn.Control(func(fd uintptr) {
		info, err = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); failed != nil || err != nil {
		return 0, false
	}
	return int64(info.Bytes_received), true //nolint:gosec // no connection carries so much
}
