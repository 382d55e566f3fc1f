package greeter

deny contains message if {
	count(input.text) > 280
	message := "a greeting has at most 280 characters"
}
