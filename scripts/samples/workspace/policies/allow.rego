package greeter

default allow := false

allow if input.method == "GET"

allow if {
	input.method == "POST"
	input.user.role == "editor"
}
