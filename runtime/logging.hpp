// The log of the runtime.
#pragma once

namespace sake {

/// Sends the lines of the actors to standard error, through a queue, so that no reactor waits for
/// a terminal or a pipe; when the queue is full the oldest lines give way. Once per process; safe
/// from any thread.
void start_logging();

/// Writes what waits in the queue.
void flush_log();

} // namespace sake
