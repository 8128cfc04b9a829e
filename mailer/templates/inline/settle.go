package inline

// settle weighs all groups until nothing changes any more. What it decides is
// only ever added to, so that it ends.
func (c *cascade) settle() {
	for c.changed = true; c.changed; {
		c.changed = false
		for _, g := range c.groups {
			if !c.stay[g.family] {
				c.weigh(g)
			}
		}
	}
}

// weighing goes through a group from the weakest to the strongest.
type weighing struct {
	*cascade
	*group
	inlined   *rule  // A rule of which something is inlined here,
	mixed     bool   // and whether there are others.
	raised    *entry // The strongest that had to become important, or nil.
	important bool   // Something in a sheet was important by itself.
	lifted    bool   // The element's own style had to become important.
}

func (c *cascade) weigh(g *group) {
	w := weighing{cascade: c, group: g}
	for i := range g.entries {
		e := &g.entries[i]
		switch {
		case e.style != nil && !e.important:
			w.ownStyle(e)
		case e.style != nil:
		case e.important:
			w.importantRule(e)
		default:
			w.rule(e)
		}
		if c.stay[g.family] {
			return
		}
	}
}

// rule weighs a declaration of a sheet. In the sheet it has to be important if
// it stands above one that is inlined, or above one that is important now.
func (w *weighing) rule(e *entry) {
	if w.inlines(w.group, e) {
		w.mixed = w.mixed || w.inlined != nil && w.inlined != e.selector.rule
		w.inlined = e.selector.rule
		if w.raised != nil {
			w.raise(e)
		}
	} else {
		w.keep(e)
		// What the same rule says once more needs no place above itself.
		above := w.mixed || w.inlined != nil && w.inlined != e.selector.rule
		switch {
		case !above && w.raised == nil:
		case !e.selector.rule.sheet.frozen:
			w.raise(e)
		case w.raised != nil:
			w.giveUp()
			return
		default:
			w.held, w.changed = true, true
			return
		}
	}
	if e.raised() {
		w.raised = e
	}
}

// importantRule weighs a declaration that was important from the start. In the
// style attribute it needs no "!important", but where others are important in
// the sheet it has to stand among them.
func (w *weighing) importantRule(e *entry) {
	inlined := w.inlines(w.group, e)
	if w.lifted || w.raised != nil && compareEntries(e, w.raised) < 0 {
		w.giveUp()
		return
	}
	if !inlined || w.raised != nil || w.important {
		w.keep(e)
		w.important = true
	}
}

// ownStyle weighs what the author wrote into the element.
func (w *weighing) ownStyle(e *entry) {
	if w.raised == nil {
		return
	}
	if w.element.tag == nil || e.unknown || e.data && w.hasImportantStyle() {
		w.giveUp()
		return
	}
	w.lifted = true
	if !e.style.lifted {
		e.style.lifted, w.changed = true, true
	}
}

func (w *weighing) hasImportantStyle() bool {
	last := w.entries[len(w.entries)-1]
	return last.style != nil && last.important
}

func (w *weighing) raise(e *entry) {
	if w.animated[w.family] {
		w.giveUp() // An animation loses against what is important.
		return
	}
	w.keep(e)
	if !e.raised() {
		e.selector.raised[e.index], w.changed = true, true
	}
}

func (c *cascade) keep(e *entry) {
	if !e.selector.stays[e.index] {
		e.selector.stays[e.index], c.changed = true, true
	}
}

// giveUp leaves a family in its sheets, as it was: there is no order of
// important declarations that is the old one.
func (w *weighing) giveUp() { w.stay[w.family], w.changed = true, true }
