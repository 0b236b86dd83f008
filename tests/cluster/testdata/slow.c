/* Makes fsync and fdatasync take 200 ms more while the file that ROSTER_SLOW_DISK names is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_if_slow(void) {
	const char *file = getenv("ROSTER_SLOW_DISK");
	if (file && access(file, F_OK) == 0)
		usleep(200 * 1000);
}

int fsync(int fd) {
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	wait_if_slow();
	return real(fd);
}

int fdatasync(int fd) {
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	wait_if_slow();
	return real(fd);
}
