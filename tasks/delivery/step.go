package delivery

// Step is one of the eleven of a mail's way.
type Step string

// The steps, in their order.
const (
	StepDecode  Step = "decode"
	StepExpiry  Step = "expiry"
	StepLookUp  Step = "look_up"
	StepRender  Step = "render"
	StepCompose Step = "compose"
	StepWait    Step = "wait"
	StepClaim   Step = "claim"
	StepSend    Step = "send"
	StepLog     Step = "log"
	StepRecord  Step = "record"
	StepResult  Step = "result"
)

// Steps lists every step, in order.
func Steps() []Step {
	return []Step{
		StepDecode, StepExpiry, StepLookUp, StepRender, StepCompose, StepWait,
		StepClaim, StepSend, StepLog, StepRecord, StepResult,
	}
}
