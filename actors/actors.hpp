// Actors for users, in addition to <sake/sake.hpp>: actors as handlers, and asking actors.
#pragma once

#include <sake/actors/handlers/handler.hpp>
#include <sake/actors/handlers/spawned.hpp>
#include <sake/actors/request/ask.hpp>
