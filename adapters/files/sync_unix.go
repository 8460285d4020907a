//go:build !windows

package files

// cannotSyncFolders: elsewhere a folder is synced like a file.
const cannotSyncFolders = false
