package tasks

import (
	"strings"
	"sync"

	"github.com/postroom/postroom/internal/schema"
	"github.com/postroom/postroom/tasks/directory"
)

// checkTemplate finds a template that no worker has, and data that is not what it
// declares. While a deploy goes on, what one of its versions takes is taken.
func (c *Client) checkTemplate(p *problems, dir directory.Directory, e *Email) {
	versions := dir.Template(e.Template)
	if len(versions) == 0 {
		p.addf("template", "no worker has it; there are: %s", listed(dir.TemplateNames()))
		return
	}
	data, _ := e.Data.(map[string]any)
	var newest []schema.Fault
	for i, version := range versions {
		faults := c.schemas.check(version.Data, data)
		if len(faults) == 0 {
			return
		}
		if i == 0 {
			newest = faults
		}
	}
	for _, fault := range newest {
		p.addf(strings.TrimSuffix("data."+fault.Path, "."), "%s", fault.Reason)
	}
}

// schemas are what templates declare, compiled once. It is safe for concurrent
// use.
type schemas struct {
	mu       sync.Mutex
	compiled map[string]*schema.Schema // nil for one that is none.
}

// check finds what is wrong with data. Where nothing is declared, or by a newer
// worker in a way that is not understood here, that is nothing: the worker looks
// again.
func (s *schemas) check(declared []byte, data map[string]any) []schema.Fault {
	if len(declared) == 0 {
		return nil
	}
	if compiled := s.get(string(declared)); compiled != nil {
		return compiled.Check(data)
	}
	return nil
}

func (s *schemas) get(declared string) *schema.Schema {
	s.mu.Lock()
	defer s.mu.Unlock()
	compiled, ok := s.compiled[declared]
	if !ok {
		if len(s.compiled) >= 2*directory.MaxEntries { // Of deploys that are over.
			clear(s.compiled)
		}
		compiled, _ = schema.Compile([]byte(declared))
		s.compiled[declared] = compiled
	}
	return compiled
}
