package files

// cannotSyncFolders: FlushFileBuffers refuses a folder's handle; NTFS journals renames.
const cannotSyncFolders = true
