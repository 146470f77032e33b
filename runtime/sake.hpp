// Everything for handlers that are functions or coroutines. For actors, as handlers and to ask:
// <sake/actors.hpp>.
#pragma once

#include <sake/routing/context.hpp>
#include <sake/routing/group.hpp>
#include <sake/routing/task.hpp>
#include <sake/routing/when.hpp>
#include <sake/runtime/config/command_line.hpp>
#include <sake/runtime/config/config.hpp>
#include <sake/runtime/engine.hpp>
