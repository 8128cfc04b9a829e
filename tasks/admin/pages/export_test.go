package pages

// DownloadName is how a file of that name is saved.
func DownloadName(name string) string { return downloadName(name) }
