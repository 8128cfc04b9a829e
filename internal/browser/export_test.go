package browser

// Command is what would be run.
func Command(system string, getenv func(string) string) (program string, args []string) {
	return command(system, getenv)
}
