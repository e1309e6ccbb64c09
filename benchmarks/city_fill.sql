INSERT INTO kb_answers (at, conversation, channel, verb, question, clicked, entry, version, probability, revision,
    decided_by, reason, gap, cause)
SELECT asked.at, 'conversation-' || n / 3, (ARRAY['widget', 'wechat', 'phone'])[1 + n % 3], asked.verb,
    CASE WHEN asked.verb IN ('answer', 'choices', 'no_answer') AND asked.at > now() - interval '180 days'
        THEN CAST(:sealed AS bytea) END,
    n % 7 = 0,
    CASE WHEN asked.verb IN ('answer', 'helped', 'not_helped', 'reason') THEN 'entry-' || asked.entry END,
    1, 0.9, 1, '1f0c9a3e words 0.9/0.1 1*+0', CASE WHEN asked.verb = 'reason' THEN 'outdated' END,
    CASE WHEN asked.verb = 'no_answer' THEN 1 + n % CAST(:gaps AS integer) END, CASE WHEN asked.verb = 'no_answer' THEN 'no_answer' END
FROM (SELECT n, now() - interval '365 days' * (CAST(:answers AS integer) - n) / CAST(:answers AS integer) AS at,
        CAST(floor(power(CAST(n AS bigint) * 7919 % 10007 / 10007.0, 3) * CAST(:entries AS integer)) AS integer) AS entry,
        (ARRAY['answer', 'answer', 'answer', 'answer', 'answer', 'answer', 'answer', 'answer', 'answer', 'answer', 'answer',
            'choices', 'choices', 'choices', 'no_answer', 'no_answer', 'helped', 'not_helped', 'reason', 'ticket'])
            [1 + CAST(n AS bigint) * 7919 % 20] AS verb
    FROM generate_series(1, CAST(:answers AS integer)) AS n) AS asked;
INSERT INTO kb_gaps (state, name, space, centre, conversations, questions, first_at, last_at, changed, entry)
SELECT CASE WHEN n % 3 = 0 THEN 'open' WHEN n % 3 = 1 THEN 'answered' ELSE 'dismissed' END, CAST(:sealed AS bytea),
    'characters', CAST(:sealed AS bytea), 5 + n % 50, 8 + n % 60, now() - interval '300 days',
    now() - interval '1 hour' * n, n, CASE WHEN n % 3 = 1 THEN 'entry-' || n END
FROM generate_series(1, CAST(:gaps AS integer)) AS n;
INSERT INTO kb_test_questions (question, expected, author, at)
SELECT '第' || n || '个问题怎么办', 'entry-' || n, 'curator', now() FROM generate_series(1, CAST(:gaps AS integer)) AS n;
INSERT INTO tasks (key, kind, subject, unit, due_on, created_at, done_at)
SELECT 'task-' || n, CASE WHEN n % 2 = 0 THEN 'write' ELSE 'review' END, 'entry-' || n, '第' || n % 90 || '单位',
    CURRENT_DATE + n % 60, now() - interval '10 days', CASE WHEN n % 5 <> 0 THEN now() END
FROM generate_series(1, CAST(:gaps AS integer)) AS n;
INSERT INTO inbox (recipient, kind, subject, at, read_at, read_by)
SELECT CASE WHEN n % 4 = 0 THEN 'role:' || (ARRAY['dispatcher', 'agent', 'supervisor'])[1 + n % 3] ELSE 'unit:unit-' || n % 90 END,
    'dispatched', 'B' || n, now() - interval '3 minutes' * n, CASE WHEN n > CAST(:gaps AS integer) THEN now() END, CASE WHEN n > CAST(:gaps AS integer) THEN 'clerk' END
FROM generate_series(1, CAST(:tickets AS integer) / 5) AS n;
INSERT INTO alarms (key, episode, kind, grade, title, roles, raised_at, graded_at, closed_at, closed_by)
SELECT 'alarm-' || n, 1, 'surge', 1 + n % 3, '第' || n || '街道的同类诉求突然增多', 'dispatcher,agent,supervisor',
    now() - interval '1 hour' * n, now() - interval '1 hour' * n, CASE WHEN n > 30 THEN now() END, CASE WHEN n > 30 THEN 'agent' END
FROM generate_series(1, CAST(:gaps AS integer)) AS n;
INSERT INTO handovers (conversation, channel, why, state, urgent, asked_at, queued_at, told, agent, taken_at,
    first_answer_at, citizen_at, ended_at, ending)
SELECT 'talk-' || n, 'widget', 'asked', CASE WHEN n < 6 THEN 'waiting' WHEN n = 6 THEN 'taken' ELSE 'ended' END, false, at, at,
    'queued', CASE WHEN n > 5 THEN 'agent' END, CASE WHEN n > 5 THEN at + interval '1 minute' END,
    CASE WHEN n > 5 THEN at + interval '2 minutes' END, at, CASE WHEN n > 6 THEN at + interval '9 minutes' END,
    CASE WHEN n > 6 THEN 'agent' END
FROM (SELECT n, now() - interval '5 minutes' * n AS at FROM generate_series(1, 6 + CAST(:tickets AS integer) / 5) AS n) AS talked;
INSERT INTO audit (id, at, actor, deed, subject, reason, hash)
SELECT n, now() - interval '5 minutes' * (CAST(:tickets AS integer) - n), 'person-' || n % 300,
    (ARRAY['sign_in', 'sign_out', 'look', 'export'])[1 + n % 4], 'B' || n, '', md5(n::text) || md5(n::text)
FROM generate_series(1, CAST(:tickets AS integer)) AS n;
INSERT INTO staff (username, name, password_hash, roles, units, must_change_password, created_at)
SELECT 'person-' || n, '第' || n || '位', 'none', CAST('["unit_clerk"]' AS json), json_build_array('unit-' || n % 90), false, now()
FROM generate_series(1, 300) AS n;
INSERT INTO outbox (key, kind, subject, conversation, channel, created_at, state, due_at, rung, attempts, round)
SELECT 'notice-' || n, 'ticket', 'B' || n / 4, 'conversation-' || n / 4, 'widget', now() - interval '26 seconds' * n,
    CASE WHEN n % 200 = 0 THEN 'undelivered' WHEN n < 50 THEN 'waiting' ELSE 'sent' END, now(),
    CASE WHEN n % 3 = 0 THEN 'sms' ELSE 'widget' END, 1, 0
FROM generate_series(CAST(:tickets AS integer), 1, -1) AS n;
INSERT INTO delivery_attempts (notice, round, rung, state, started_at, cost_fen)
SELECT id, 0, rung, CASE WHEN state = 'sent' THEN 'delivered' ELSE 'failed' END, created_at, 4.5 FROM outbox
WHERE rung IS NOT NULL;
INSERT INTO sms_messages (order_id, reference, purpose, subject, gateway, state, attempts, parts, cost_fen, created_at)
SELECT 'order-' || n, 'reference-' || n, 'ticket_approve', 'B' || n, CASE WHEN n % 5 = 0 THEN 'tencent' ELSE 'aliyun' END,
    'delivered', 1, 1, 4.5, now() - interval '75 seconds' * n
FROM generate_series(1, 2 * CAST(:tickets AS integer)) AS n;
