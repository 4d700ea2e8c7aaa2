/** The α curve forking: standard accuracy up, robustness held. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4a5fc9" />
      <path d="M6 24C12 24 14 9 26 8" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path d="M6 24c8 0 11-4 20-4.5" fill="none" stroke="#b9c3ef" strokeWidth="3" strokeLinecap="round" />
      <circle cx="17.6" cy="12.6" r="3.2" fill="#fff" />
    </svg>
  );
}
