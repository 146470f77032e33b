// Pools poison the memory that they keep; what it refers to is no leak.
extern "C" const char* __lsan_default_options();

extern "C" const char* __lsan_default_options() {
  return "use_poisoned=1";
}
