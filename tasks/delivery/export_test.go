package delivery

// WaitForLate waits for what Run left behind because Redis did not answer.
func (p *Pool) WaitForLate() { p.late.Wait() }
