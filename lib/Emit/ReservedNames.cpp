// Words that the generated code cannot use as names.
#include "m2c/Emit/Names.h"
#include "llvm/ADT/StringExtras.h"

using namespace m2c::emit;

static const char *const keywords =
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class "
    "co_await co_return co_yield compl concept const const_cast consteval constexpr constinit continue decltype "
    "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int "
    "long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register "
    "reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch "
    "template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile "
    "wchar_t while xor xor_eq typeof linux unix errno assert NULL ";

/// Global names of the C library in the headers that a generated file includes, or that these include. Variants by type
/// (sinf, sinl) and by behaviour (rand_r, fputc_unlocked) are told by their suffix.
static const char *const libraryNames =
    "a64l abort abs access acct acos alarm alloca arc4random asctime asin asprintf atan atan2 atexit atof atoi atol "
    "basename bcmp bcopy bindtextdomain blkcnt64_t blkcnt_t blksize_t brk bsearch btowc bzero caddr_t calloc "
    "canonicalize cbrt ceil chdir chmod chown chroot clearenv clearerr clock clock_t clockid_t clone close closefrom "
    "comparison_fn_t confstr copysign cos cosh creat crypt ctermid ctime cuserid daddl daddr_t daemon daylight "
    "dcgettext dcngettext ddivl dev_t dfmal dgettext difftime div dmull dngettext double_t dprintf drand48 drem "
    "dsqrtl dsubl dup dup2 dup3 duplocale dysize eaccess ecvt endusershell environ erand48 erf erfc error_t "
    "euidaccess execl execle execlp execv execve execveat execvp execvpe exit exp exp2 expm1 fabs faccessat fadd "
    "fallocate fchdir fchmod fchmodat fchown fchownat fclose fcloseall fcntl fcvt fdatasync fdim fdiv fdopen feof "
    "ferror fexecve fflush ffma ffs fgetc fgetpos fgets fgetwc fgetws fileno finite float_t flock flockfile floor fma "
    "fmax fmaximum fmaxmag fmemopen fmin fminimum fminmag fmod fmul fopen fopencookie fork fpathconf fpos64_t fpos_t "
    "fprintf fputc fputs fputwc fputws fread free freelocale freopen frexp fromfp fromfpx fsblkcnt64_t fsblkcnt_t "
    "fscanf fseek fseeko fsetpos fsfilcnt64_t fsfilcnt_t fsid_t fsqrt fstat fstatat fsub fsync ftell ftello ftruncate "
    "ftrylockfile funlockfile futimens fwide fwprintf fwrite fwscanf gamma gcvt getc getchar getcpu getcwd getdate "
    "getdelim getdomainname getdtablesize getegid getenv geteuid getgid getgroups gethostid gethostname getline "
    "getloadavg getlogin getopt getpagesize getpass getpayload getpgid getpgrp getpid getppid getpt getresgid "
    "getresuid getsid getsubopt gettext gettid getuid getumask getusershell getw getwc getwchar getwd gid_t gmtime "
    "grantpt hypot id_t ilogb index initstate ino64_t ino_t int16_t int32_t int64_t int8_t int_fast16_t int_fast32_t "
    "int_fast64_t int_fast8_t int_least16_t int_least32_t int_least64_t int_least8_t intmax_t intptr_t iovec isalnum "
    "isalpha isascii isatty isblank iscntrl isctype isdigit isgraph isinff isinfl islower isnanf isnanl isprint "
    "ispunct isspace isupper iswalnum iswalpha iswblank iswcntrl iswctype iswdigit iswgraph iswlower iswprint "
    "iswpunct iswspace iswupper iswxdigit isxdigit itimerspec j0 j0f j0l j1 j1f j1l jn jnf jnl jrand48 key_t l64a "
    "labs lchmod lchown lcong48 lconv ldexp ldiv lgamma link linkat llabs lldiv llogb llrint llround locale_t "
    "localeconv localtime lockf loff_t log log10 log1p log2 logb lrand48 lrint lround lseek lstat madvise malloc "
    "max_align_t mblen mbsinit mbsnrtowcs mbsrtowcs mbstate_t mbstowcs mbtowc memccpy memchr memcmp memcpy memfrob "
    "memmem memmove mempcpy memrchr memset mincore mkdir mkdirat mkdtemp mkfifo mkfifoat mknod mknodat mkostemp "
    "mkostemps mkstemp mkstemps mktemp mktime mlock mlockall mmap mode_t modf mprotect mrand48 mremap msync munlock "
    "munlockall munmap nan nanl nanosleep nearbyint newlocale nextafter nextdown nexttoward nextup ngettext nice "
    "nlink_t nrand48 off64_t off_t open openat optarg opterr optind optopt pathconf pause pclose perror pid_t pipe "
    "pipe2 popen pow pread printf profil pselect ptrdiff_t ptsname putc putchar putenv puts putw putwc putwchar "
    "pwrite qecvt qfcvt qgcvt qsort quad_t rand random rawmemchr read readahead readlink readlinkat realloc "
    "reallocarray realpath remainder remove remquo rename renameat renameat2 revoke rewind rindex rint rmdir round "
    "roundeven rpmatch sbrk scalb scalbln scalbn scanf seed48 select setbuf setbuffer setdomainname setegid setenv "
    "seteuid setgid sethostid sethostname setlinebuf setlocale setlogin setns setpayload setpayloadsig setpgid "
    "setpgrp setregid setresgid setresuid setreuid setsid setstate setuid setusershell setvbuf signal signgam "
    "significand sigset_t sin sinh size_t sleep snprintf socklen_t splice sprintf sqrt srand srand48 srandom sscanf "
    "ssize_t stat stderr stdin stdout stpcpy stpncpy strcasecmp strcasestr strcat strchr strchrnul strcmp strcoll "
    "strcpy strcspn strdup strerror strfromd strfromf strfroml strfry strftime strlen strncasecmp strncat strncmp "
    "strncpy strndup strnlen strpbrk strptime strrchr strsep strsignal strspn strstr strtod strtof strtok strtol "
    "strtold strtoq strtoul strtouq strverscmp strxfrm suseconds_t swab swprintf swscanf symlink symlinkat sync "
    "syncfs syscall sysconf system tan tanh tcgetpgrp tcsetpgrp tee tempnam textdomain tgamma time time_t timegm "
    "timelocal timer_t timespec timeval timex timezone tm tmpfile tmpnam toascii tolower totalorder totalordermag "
    "toupper towctrans towlower towupper trunc truncate ttyname ttyslot tzname tzset u_int16_t u_int32_t u_int64_t "
    "u_int8_t u_quad_t ualarm ufromfp ufromfpx uid_t uint uint16_t uint32_t uint64_t uint8_t uint_fast16_t "
    "uint_fast32_t uint_fast64_t uint_fast8_t uint_least16_t uint_least32_t uint_least64_t uint_least8_t uintmax_t "
    "uintptr_t ulong umask ungetc ungetwc unlink unlinkat unlockpt unsetenv unshare useconds_t uselocale ushort "
    "usleep utimensat valloc vasprintf vdprintf vfork vfprintf vfscanf vfwprintf vfwscanf vhangup vmsplice vprintf "
    "vscanf vsnprintf vsprintf vsscanf vswprintf vswscanf vwprintf vwscanf wcpcpy wcpncpy wcrtomb wcscasecmp wcscat "
    "wcschr wcschrnul wcscmp wcscoll wcscpy wcscspn wcsdup wcsftime wcslen wcsncasecmp wcsncat wcsncmp wcsncpy "
    "wcsnlen wcsnrtombs wcspbrk wcsrchr wcsrtombs wcsspn wcsstr wcstod wcstof wcstok wcstol wcstold wcstombs wcstoq "
    "wcstoul wcstouq wcswcs wcswidth wcsxfrm wctob wctomb wctrans wctrans_t wctype wctype_t wcwidth wint_t wmemchr "
    "wmemcmp wmemcpy wmemmove wmempcpy wmemset wprintf write wscanf y0 y0f y0l y1 y1f y1l yn ynf ynl ";

/// Names of the generated file itself.
static const char *const ownNames = "std m2crt rt Model arena weights run lanes model main ";

/// Whether `name` is a variant of a reserved name, such as sinf64 and ctime_r.
static bool isVariant(llvm::StringRef name, const llvm::StringSet<> &reserved) {
  for (llvm::StringRef suffix : {"f", "l", "64", "_r", "_l", "_unlocked", "f32", "f32x", "f64", "f64x", "f128"})
    if (llvm::StringRef base = name; base.consume_back(suffix) && base.size() > 2 && reserved.contains(base))
      return true;
  return false;
}

bool m2c::emit::isReservedName(llvm::StringRef name) {
  static const llvm::StringSet<> reserved = [] {
    llvm::StringSet<> names;
    for (llvm::StringRef list : {keywords, libraryNames, ownNames}) {
      llvm::SmallVector<llvm::StringRef> words;
      llvm::SplitString(list, words);
      names.insert_range(words);
    }
    return names;
  }();
  return reserved.contains(name) || isVariant(name, reserved) || name.contains("__") || name.starts_with("pthread_") ||
         name.starts_with("sched_") || (name.size() > 1 && name[0] == '_' && llvm::isUpper(name[1]));
}
