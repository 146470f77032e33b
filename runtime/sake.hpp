// All that a user of functions and coroutines needs. Actors as handlers: <sake/actors/handler.hpp>;
// asking actors from a coroutine: <sake/actors/ask.hpp>.
#pragma once

#include <sake/routing/context.hpp>
#include <sake/routing/group.hpp>
#include <sake/routing/task.hpp>
#include <sake/routing/when.hpp>
#include <sake/runtime/command_line.hpp>
#include <sake/runtime/config.hpp>
#include <sake/runtime/engine.hpp>
