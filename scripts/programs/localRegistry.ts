// The embedded registry as a program, for the scripts and the tests.
import '../../src/localRegistry/main';
