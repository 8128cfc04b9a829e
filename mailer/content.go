package mailer

// Bodies are the subject and the two forms of the body. It, EachImage and Leaving
// say what a Content has in words that need no import: tasks.Freeze asks for them.
func (c Content) Bodies() (subject, text, html string) { return c.Subject, c.Text, c.HTML }

// EachImage calls do for each of Images.
func (c Content) EachImage(do func(name, mediaType, cid string, content []byte)) {
	for _, image := range c.Images {
		do(image.Name, image.Type, image.ContentID, image.Content)
	}
}

// Leaving is Unsubscribe.
func (c Content) Leaving() (url, mailto string) { return c.Unsubscribe.URL, c.Unsubscribe.Mailto }
